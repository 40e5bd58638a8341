import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createViewImage } from "../../src/tools/view-image.ts";
import { tempFolder } from "../sandbox/with-run.ts";

const tool = createViewImage({ images: true });
const view = (cwd: string, args: object, one = tool) =>
  one.run(JSON.stringify(args), { cwd, outputTokens: 1000, progress: () => {} }, new AbortController().signal);

function folderWith(t: TestContext, name: string, bytes: Uint8Array): string {
  const folder = tempFolder(t);
  writeFileSync(join(folder, name), bytes);
  return folder;
}

const images: [type: string, start: string][] = [
  ["image/png", "\x89PNG\r\n\x1a\n...."],
  ["image/jpeg", "\xff\xd8\xff\xe0...."],
  ["image/gif", "GIF89a......"],
  ["image/webp", "RIFF\x10\0\0\0WEBPVP8 "],
];
for (const [type, start] of images) {
  test(`${type} is known by its first bytes`, async (t) => {
    const bytes = Buffer.from(start, "latin1");
    const image_url = `data:${type};base64,${bytes.toString("base64")}`;
    assert.deepEqual(await view(folderWith(t, "picture.txt", bytes), { path: "picture.txt" }), {
      output: [{ type: "input_image", image_url }],
      result: { ok: true },
    });
  });
}

test("what is no image that can be shown is answered with a sentence", async (t) => {
  const folder = folderWith(t, "text.png", Buffer.from("not a picture"));
  writeFileSync(
    join(folder, "big.png"),
    Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(5 << 20)]),
  );
  writeFileSync(join(folder, "empty.png"), "");
  mkdirSync(join(folder, "folder.png"));
  execFileSync("mkfifo", [join(folder, "pipe.png")]);
  const says = async (path: unknown) => {
    const { output, result } = await view(folder, { path });
    assert.equal(result.ok, false);
    return output;
  };
  assert.equal(await says("text.png"), "Cannot show text.png: it is no PNG, JPEG, GIF or WebP image.");
  assert.equal(await says("big.png"), "Cannot show big.png: it has 5242888 bytes, more than the 5242880 allowed.");
  assert.equal(await says("empty.png"), "Cannot show empty.png: it is no PNG, JPEG, GIF or WebP image.");
  assert.equal(await says("folder.png"), "Cannot show folder.png: it is not a file.");
  assert.equal(await says("pipe.png"), "Cannot show pipe.png: it is not a file.");
  assert.equal(await says("nope.png"), "Cannot show nope.png: there is no such file.");
  assert.equal(await says(5), 'view_image was not run. "path" is 5; expected a string.');
});

test("a model that sees no images is told so", async (t) => {
  const folder = folderWith(t, "a.png", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"));
  assert.deepEqual(await view(folder, { path: "a.png" }, createViewImage({ images: false })), {
    output: "This model cannot see images; use a command to learn about the file instead.",
    result: { ok: false },
  });
});
