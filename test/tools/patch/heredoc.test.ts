import assert from "node:assert/strict";
import { test } from "node:test";
import { patchInCommand } from "../../../src/tools/patch/heredoc.ts";

const PATCH = '*** Begin Patch\n*** Update File: f\n@@\n-it\'s $a\n+`b` "c"\n*** End Patch\n';
const PLAIN = "*** Begin Patch\n*** Add File: f\n+x\n*** End Patch\n";
const quoted = PLAIN.trim();

const CAUGHT: readonly (readonly [cmd: string, patch: string, cwd?: string])[] = [
  [`apply_patch <<'EOF'\n${PATCH}EOF`, PATCH],
  [`apply_patch <<'EOF'\n${PATCH}EOF\n\n`, PATCH],
  [`  apply_patch << "END"  \n${PATCH}END\n`, PATCH],
  [`apply_patch <<EOF\n${PATCH}EOF\n`, PATCH],
  [`apply_patch<<EOF\n${PATCH}EOF\n`, PATCH],
  [`applypatch <<\\EOF\n${PATCH}EOF\n`, PATCH],
  [`apply_patch <<-EOF\n\t${PLAIN.replaceAll("\n", "\n\t")}EOF\n`, PLAIN],
  [`apply_patch <<'EOF'\n${PATCH}`, PATCH.trim()],
  [`apply_patch <<'EOF'\r\n${PLAIN.replaceAll("\n", "\r\n")}EOF\r\n`, PLAIN],
  [`cd sub/dir && apply_patch <<'EOF'\n${PATCH}EOF`, PATCH, "sub/dir"],
  [`cd "my dir" &&\napply_patch <<'EOF'\n${PATCH}EOF`, PATCH, "my dir"],
  [`apply_patch '${quoted}'`, quoted],
  [`apply_patch "${quoted}"`, quoted],
  [`apply_patch "$(cat <<'EOF'\n${PATCH}EOF\n)"`, PATCH],
  [`bash -lc "apply_patch <<'EOF'\n${PLAIN}EOF"`, PLAIN],
  [`/bin/bash -c 'cd a && apply_patch <<"EOF"\n${PLAIN}EOF\n'`, PLAIN, "a"],
  [`sh -c "apply_patch '${quoted}'"`, quoted],
];

test("a command that only runs apply_patch is recognised", () => {
  for (const [cmd, patch, cwd] of CAUGHT) {
    assert.deepEqual(patchInCommand(cmd), { patch, ...(cwd === undefined ? {} : { cwd }) }, cmd);
  }
});

const LEFT: readonly string[] = [
  "",
  "ls",
  "apply_patch",
  "apply_patch --help",
  "apply_patch fix.patch",
  `apply_patch <<'EOF' && npm test\n${PATCH}EOF`,
  `apply_patch <<'EOF'\n${PATCH}EOF\nnpm test`,
  `apply_patch <<'EOF' | tee log\n${PATCH}EOF`,
  `apply_patch <<'EOF' > out\n${PATCH}EOF`,
  `cat <<'EOF' | apply_patch\n${PATCH}EOF`,
  `echo hi; apply_patch <<'EOF'\n${PATCH}EOF`,
  `cd a; apply_patch <<'EOF'\n${PATCH}EOF`,
  `cd $DIR && apply_patch <<'EOF'\n${PATCH}EOF`,
  `cd ~/x && apply_patch <<'EOF'\n${PATCH}EOF`,
  `cd a && cd b && apply_patch <<'EOF'\n${PATCH}EOF`,
  `apply_patch '${quoted}' && ls`,
  `apply_patch "${quoted} $HOME"`,
  `bash -lc "apply_patch <<'EOF'\n${PLAIN}EOF" && ls`,
  `git apply_patch <<'EOF'\n${PATCH}EOF`,
  `apply_patches <<'EOF'\n${PATCH}EOF`,
];

test("every other command is left to the shell", () => {
  for (const cmd of LEFT) assert.equal(patchInCommand(cmd), null, cmd);
});
