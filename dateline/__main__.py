import os
import sys

# `python -m` puts the folder that it is started in before everything else, so that a file there which is named like any
# module would be run in its place (`python -P -m` does not). The folder of the package itself is another matter. Only what
# the interpreter has loaded by now is used here: any import would look in that folder first.
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  # see above
if not sys.flags.safe_path and os.path.abspath(sys.path[0]) == os.getcwd() != _OWN:  # noqa: PTH100, PTH109  # see above
    del sys.path[0]

from dateline.main import main  # noqa: E402  # see above

main()
