#!/bin/bash
# Brings docker-compose.yml up for real, sends feedback through it, and takes it down again.
#
#   deploy/compose-check.sh           with stand-ins built from Debian's packages, on a private docker daemon (as root):
#                                     for machines that reach no image registry
#   deploy/compose-check.sh --pull    with the real images, on the docker daemon that runs here
#
# Needs docker, the Python of .venv (`make run` makes it) and, without --pull, also dockerd, mmdebstrap and Maven:
#   apt-get install docker.io mmdebstrap maven openjdk-17-jre-headless
# KEEP=1 leaves everything running, to look around. Images are kept in ~/.cache/liaise/compose-check, which may be removed.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
files=(-f docker-compose.yml)
work=${XDG_CACHE_HOME:-$HOME/.cache}/liaise/compose-check
export GATEWAY_PORT=${GATEWAY_PORT:-18000} MAIL_PORT=${MAIL_PORT:-12525} MAILPIT_PORT=${MAILPIT_PORT:-18025}
export PUBLIC_URL=http://127.0.0.1:$GATEWAY_PORT
export DOCKER_BUILDKIT=0  # plain steps build with every docker, also one without the buildx part
daemon=

say() { printf '== %s\n' "$*"; }

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { say "compose-check needs $tool, which is not installed."; exit 1; }
    done
}

# A project name of its own: taking the check down never touches a product that runs here.
compose() { .venv/bin/docker-compose --project-name liaise-check --env-file /dev/null "${files[@]}" "$@"; }

image_of() { compose config --format json | "$python" -c "import json, sys; print(json.load(sys.stdin)['services']['$1']['image'])"; }

start_daemon() {
    mkdir -p "$work"
    export DOCKER_HOST=unix://$work/docker.sock
    dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" --host "$DOCKER_HOST" \
        --bridge none >"$work/dockerd.log" 2>&1 &
    daemon=$!
    for _ in {1..60}; do
        docker info >/dev/null 2>&1 && return
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.5
    done
    say "dockerd did not start; its last words:"
    tail -5 "$work/dockerd.log"
    exit 1
}

# Debian with Python, and with this machine's certificates and pip configuration, which stay in this image.
build_base() {
    local context=$work/base
    docker image inspect liaise-base >/dev/null 2>&1 && return
    mkdir -p "$context"
    mmdebstrap --quiet --variant=apt --include=ca-certificates,python3,python3-venv bookworm "$work/debian.tar"
    docker import "$work/debian.tar" liaise-debian >/dev/null
    rm "$work/debian.tar"
    cp /etc/ssl/certs/ca-certificates.crt "$context/"
    {
        printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n'
        "$python" -m pip config list | sed -nE "s/^[^.]+\.(index-url|extra-index-url|trusted-host|timeout)='(.*)'$/\1 = \2/p"
    } >"$context/pip.conf"
    printf 'FROM liaise-debian\nCOPY ca-certificates.crt /etc/ssl/certs/\nCOPY pip.conf /etc/\n' >"$context/Dockerfile"
    build --tag liaise-base "$context"
}

build_stand_ins() {
    local context=$work/stand-ins jars service
    jars=$("$python" -c "from tests.kafka.jars import class_path; print(class_path())")
    rm -rf "$context"
    cp -r deploy/stand-ins "$context"
    cp -r "${jars%/\*}" "$context/jars"
    for service in kafka mongo mailpit gateway; do
        build --target "$service" --tag "$(image_of "$service")" "$context"
    done
}

build() {
    docker build --network host --build-arg BASE=liaise-base "$@" >"$work/build.log" 2>&1 ||
        { tail -20 "$work/build.log"; exit 1; }
}

take_down() {
    local status=$?
    if [ "$status" -ne 0 ]; then
        compose ps --all || true
        compose logs --no-color --tail 40 >"$work/failed.log" 2>&1 || true
        say "The last lines of every process are in $work/failed.log."
    fi
    if [ -n "${KEEP:-}" ]; then
        say "Left running on ${DOCKER_HOST:-the docker daemon of this machine}${daemon:+; kill $daemon ends it}."
        exit "$status"
    fi
    compose down --volumes --timeout 15 >/dev/null 2>&1 || true
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" || true
        umount "$work"/exec/netns/* 2>/dev/null || true  # left by dockerd; the folder could not be removed
    fi
    exit "$status"
}

need docker
SECRET_KEY=$("$python" -c "import secrets; print(secrets.token_urlsafe(48))")
export SECRET_KEY
mkdir -p "$work"
if [ "${1:-}" = --pull ]; then
    trap take_down EXIT
    say "Pulling the images and building Liaise"
    compose pull --quiet --ignore-buildable
    docker build --quiet --file deploy/Dockerfile --tag liaise . >/dev/null
else
    need dockerd mmdebstrap mvn
    files+=(-f deploy/compose-check.override.yaml)
    trap take_down EXIT
    start_daemon
    say "Building the base, the stand-ins and Liaise"
    build_base
    build_stand_ins
    build --file deploy/Dockerfile --tag liaise .
fi
say "Bringing everything up"
compose down --volumes >/dev/null 2>&1  # what an earlier KEEP=1 left
compose up --detach --no-build --wait --wait-timeout 300 >"$work/up.log" 2>&1 || { tail -5 "$work/up.log"; exit 1; }
compose ps --all --format '{{.Service}}: {{.Image}}, {{.State}} {{.Health}}'
say "Sending feedback through it"
token=$(compose exec -T web-triage liaise token create ada@example.com | tail -1)
LIAISE_TOKEN=$token "$python" deploy/compose_check.py
