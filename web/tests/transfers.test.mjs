import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { shot, signIn, startStage } from "./stage.mjs";

const LINE = 1_000_000;
const BYTES = 10_000_000;
/** What buffers on the way take in at once goes at no speed of the line; the speed is that of the last seconds. */
const FACTOR = 3;

let stage;
let page;
before(async () => {
  stage = await startStage({ front: true });
  page = await stage.newPage();
  await signIn(page);
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
});
after(() => stage.stop());

test("what is sent says how fast it goes and how long the rest takes", async () => {
  stage.front.slowDown(LINE);
  await page.evaluate((bytes) => {
    const transfer = new DataTransfer();
    const entry = "<entry>0123456789</entry>";
    const body = entry.repeat(Math.floor((bytes - 11) / entry.length));
    transfer.items.add(new File([`<log>${body}</log>`], "slow.xml"));
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
  }, BYTES);
  const row = page.locator(".transfer", { hasText: "slow.xml" });
  await row.getByText(/^[\d.]+ [kM]?B\/s$/).waitFor();
  // Once it is the speed of the line, everything that is said at one moment belongs together.
  const said = await page.waitForFunction(
    ({ line, factor }) => {
      const text = document.querySelector(".transfer")?.innerText ?? "";
      const sizes = { B: 1, kB: 1e3, MB: 1e6 };
      const bytes = (pattern) => {
        const found = pattern.exec(text);
        return found ? Number(found[1]) * sizes[found[2]] : Number.NaN;
      };
      const speed = bytes(/([\d.]+) (B|kB|MB)\/s/);
      const left = /(?:(\d+) min|(\d+) s) left/.exec(text);
      if (!(speed <= line * factor && left)) return null;
      const bar = document.querySelector(".transfer [role=progressbar]");
      return {
        speed,
        left: Number(left[1] ?? 0) * 60 + Number(left[2] ?? 0),
        sent: bytes(/([\d.]+) (B|kB|MB) of/),
        total: bytes(/ of ([\d.]+) (B|kB|MB)/),
        percent: Number(bar.getAttribute("aria-valuenow")),
      };
    },
    { line: LINE, factor: FACTOR },
  );
  const { speed, left, sent, total, percent } = await said.jsonValue();
  await shot(page, "64-speed");
  assert.ok(Math.abs(total - BYTES) < BYTES / 100, `${total} bytes`);
  assert.ok(speed > 0 && sent < total, `${sent} of ${total} at ${speed}`);
  assert.ok(Math.abs(percent - (sent / total) * 100) < 2, `${percent} % is ${sent} of ${total}`);
  const rest = (total - sent) / speed;
  // Both are rounded.
  assert.ok(Math.abs(left - rest) <= Math.max(1.5, rest / 10), `${left} s are said, and ${rest} s it takes`);
});

test("what has arrived says neither", async () => {
  stage.front.slowDown(Number.POSITIVE_INFINITY);
  const row = page.locator(".transfer", { hasText: "slow.xml" });
  await row.getByText("1 document found").waitFor();
  assert.equal(await row.getByText(/\/s$| left$/).count(), 0);
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
