"""Runs the curl examples of a document, as a reader would: examples.py FILE. The address in them is replaced by that of $DESK.
Each block is a script; a call that fails fails it, and what it prints has to hold what the comment `# → …` after it says."""
import os
import re
import subprocess
import sys

[path] = sys.argv[1:]
text = open(path, encoding="utf-8").read()
blocks = [block for block in re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M) if "curl" in block]
if not blocks:
    sys.exit(f"{path} has no curl examples")
faults = 0
for block in blocks:
    script = block.replace("http://127.0.0.1:8080", os.environ["DESK"])
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=60)
    expected = re.findall(r"# → (.*)", block)
    missing = [each for each in expected if each not in done.stdout]
    if done.returncode != 0 or missing or not expected:
        faults += 1
        print(f"{path}: {block}\nexit code {done.returncode}, without {missing}\n{done.stdout}{done.stderr}", file=sys.stderr)
print(f"{len(blocks)} examples, {faults} failed")
sys.exit(1 if faults else 0)
