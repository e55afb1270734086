"""The caseworkers' desk."""
