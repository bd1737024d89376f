"""What restores from a backup have lost, and so excuse."""
from dataclasses import dataclass


@dataclass(slots=True)
class Restore:
    """All that was committed after `backed_up_at` is lost. By `noticed_at` every server has registered anew."""
    backed_up_at: float
    stopped_at: float = float("inf")
    returned_at: float = float("inf")
    noticed_at: float = float("inf")


class Past:
    def __init__(self):
        self.restores = []
        # The request ids of calls whose settles were sent again because they were lost.
        self.resent = set()

    def begin(self, at):
        self.restores.append(Restore(at))
        return self.restores[-1]

    def may_have_lost(self, call):
        """Whether the acknowledged settle of a call was sent before a restore that it may have been lost by."""
        return any(restore.returned_at < float("inf") and call.acknowledged.sent_at < restore.returned_at
                   for restore in self.restores)

    def is_unreserved(self, call):
        """Whether a call may have spent money that its budget no longer had.

        Its hold was made, or its settle sent, when a restore made the database forget it, or a server had not noticed.
        """
        if call.request_id in self.resent:
            return True
        moments = [ask.answered_at for ask in call.admitted] + [end.sent_at for end in call.settles]
        return any(restore.backed_up_at - call.hold_seconds <= moment <= restore.noticed_at
                   for restore in self.restores for moment in moments)
