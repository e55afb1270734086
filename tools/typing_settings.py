"""The service's settings as the type checker reads them: of an installation that is thrown away.

The checker's plugin starts Django to learn its models. Read as they are, the settings would make
an installation, with keys, in the folder of whoever checks.
"""

import os
import tempfile

from totalize.web.config.installation import DATA_DIR

with tempfile.TemporaryDirectory() as _folder:
    os.environ[DATA_DIR] = _folder
    os.environ.pop("DATABASE_URL", None)
    from totalize.web.config.settings import *  # noqa: F403 - these settings are those
