import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Output } from "../../src/sandbox/output.ts";
import { tempFolder, until } from "./with-run.ts";

const SECRET = "hunter2-hunter2";
const mask = (text: string): string => text.replaceAll(SECRET, "[secret:PASS]");

function open(t: TestContext, bufferBytes = 1000): { output: Output; file: string } {
  const dir = tempFolder(t);
  const output = new Output({ bufferBytes, mask, spill: { dir, limitBytes: 1 << 20, name: "out" } });
  return { output, file: join(dir, "out.txt") };
}

test("a character split over chunks is kept whole", (t) => {
  const { output } = open(t);
  const receive = output.channel();
  for (const byte of Buffer.from("5 € 😀\n")) receive(Uint8Array.of(byte));
  output.end();
  assert.equal(output.take().head, "5 € 😀\n");
});

test("bytes that are no UTF-8 become replacement characters, also at the very end", (t) => {
  const { output } = open(t);
  const receive = output.channel();
  receive(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82]));
  output.end();
  assert.equal(output.take().head, "a\ufffdb\n\ufffd");
});

test("a secret split over chunks is hidden in memory, from listeners and on the disk", (t) => {
  const { output, file } = open(t, 200);
  const heard: string[] = [];
  output.onText((text) => heard.push(text));
  const receive = output.channel();
  for (let line = 0; line < 20; line++) {
    receive(Buffer.from(`line ${line} ${SECRET.slice(0, 7)}`));
    receive(Buffer.from(`${SECRET.slice(7)} end\n`));
  }
  output.end();
  const expected = Array.from({ length: 20 }, (_, line) => `line ${line} [secret:PASS] end\n`).join("");
  const { head, tail, droppedBytes, whole } = output.take();
  assert.equal(whole, file);
  assert.equal(readFileSync(file, "utf8"), expected);
  assert.equal(heard.join(""), expected);
  assert.ok(expected.startsWith(head) && expected.endsWith(tail));
  assert.equal(head.length + droppedBytes + tail.length, expected.length);
});

test("the file holds all output, also what was taken before there was one", (t) => {
  const { output, file } = open(t, 100);
  const receive = output.channel();
  let all = "";
  for (let count = 0; count < 30; count++) {
    const line = `line number ${count}\n`;
    all += line;
    receive(Buffer.from(line));
    assert.equal(output.take().head, line);
  }
  assert.equal(output.take().whole, file);
  output.end();
  assert.equal(readFileSync(file, "utf8"), all);
});

test("short output goes to a file only when asked for, also after the end", (t) => {
  const { output, file } = open(t);
  output.channel()(Buffer.from("short\n"));
  output.end();
  assert.equal(output.take().whole, null);
  assert.deepEqual(output.keepWhole(), { file, trouble: "" });
  assert.equal(readFileSync(file, "utf8"), "short\n");
});

test("lines of two streams do not break each other", (t) => {
  const { output } = open(t);
  const [out, err] = [output.channel(), output.channel()];
  out(Buffer.from("half of "));
  err(Buffer.from("an error\n"));
  out(Buffer.from("a line\n"));
  output.end();
  assert.equal(output.take().head, "an error\nhalf of a line\n");
});

test("an unfinished line that did not just come can be asked for", (t) => {
  const { output } = open(t);
  output.channel()(Buffer.from("Name: "));
  const startedAt = performance.now();
  while (performance.now() - startedAt < 15); // no timer can run meanwhile
  assert.equal(output.take().head, "");
  output.settle();
  assert.equal(output.take().head, "Name: ");
});

test("an unfinished line shows by itself after a short silence", async (t) => {
  const { output } = open(t);
  let heard = "";
  output.onText((text) => {
    heard += text;
  });
  output.channel()(Buffer.from("Continue? "));
  assert.equal(output.take().head, "");
  const alive = setInterval(() => {}, 1000);
  await until(() => heard !== "", "the prompt");
  clearInterval(alive);
  assert.equal(output.take().head, "Continue? ");
});
