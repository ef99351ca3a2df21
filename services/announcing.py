"""What a person is told on the terminal when everything runs."""

from .chassis.settings import Settings
from .triage.schemas.directory import demo as demo_sign_in


def lines(settings: Settings) -> list[str]:
    """Say where to click."""
    said = [
        "",
        f"  Liaise is ready.          {settings.public_url}/",
        "",
        f"  Give feedback             {settings.public_url}/",
        f"  Work it as a liaison      {settings.public_url}/triage/",
        f"  See the numbers           {settings.public_url}/insights/",
        f"  Mail in (SMTP)            {settings.mail_host}:{settings.mail_port}, to it@{settings.mail_domain}",
    ]
    if settings.uses_mailbox:
        said.append(
            f"  Mail out                  {settings.public_url}/mailbox/   (no SMTP_URL is set: shown, not sent)"
        )
    if shown := demo_sign_in(settings):
        said.append(f"  Sign in as                {shown.liaison} or {shown.admin}, password {shown.password}")
    return [*said, "", "  Ctrl-C ends it; everything is kept in " + str(settings.data_dir), ""]
