"""The app's name and label."""

from django.apps import AppConfig


class FollowConfig(AppConfig):
    """After it is issued: time line, changes, expiry, copies, refunds."""

    name = "totalize.web.follow"
    label = "follow"
