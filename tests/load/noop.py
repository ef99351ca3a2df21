"""The least a Flask application can do with a submission: read the body and answer 201. The bench's yardstick."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/v1/feedback")
def take() -> Response:
    """Nothing is checked and nothing is kept."""
    request.get_data()
    return Response('{"status": "taken"}', 201, content_type="application/json")
