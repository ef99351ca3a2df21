"""The topics of the event log; each is written by one service, and an event's topic is the first word of its type."""

FEEDBACK = "feedback"
TRIAGE = "triage"
DIRECTORY = "directory"
NOTIFY = "notify"
INSIGHTS = "insights"

ALL = (FEEDBACK, TRIAGE, DIRECTORY, NOTIFY, INSIGHTS)


def dead_letter_topic(group: str) -> str:
    """The topic that takes what a consumer group could not handle."""
    return f"{group}.dead-letter"
