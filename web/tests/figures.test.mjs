import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { shot, signIn, startStage, view } from "./stage.mjs";
import { convertDeposit } from "./views.mjs";

/** A session that nobody knows. */
const NOBODYS = "0195f000-0000-7000-8000-00000000abcd";

let folder;
let model;
let stage;
let page;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "ret-web-figures-"));
  model = await startModel(RULES);
  const settings = { ...model.settings, RET_RUNTIME_ROOT: folder, RATE_LIMIT_PER_MINUTE: "10000" };
  stage = await startStage({ settings });
  page = await stage.newPage();
});
after(async () => {
  await stage.stop();
  await model.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tile = (name) => page.locator(".tile", { hasText: name });
const course = (name) => tile(name).getByRole("img", { name: new RegExp(`^${name} since the view was opened`) });
/** The heights of a course at its points; a higher figure stands further up. */
const heights = async (name) =>
  [...(await course(name).locator("path.line").getAttribute("d")).matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) =>
    Number(y),
  );

test("figures are drawn, and said in words to whoever does not see the drawing", async () => {
  await signIn(page);
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await view(page, "Admin");
  await course("Open sessions").waitFor();
  for (const name of ["Open sessions", "Accounts", "Files", "To be written"]) {
    const line = await course(name)
      .locator("path.line")
      .evaluate((path) => {
        const { width } = path.getBoundingClientRect();
        const { stroke } = getComputedStyle(path);
        return { width, stroke, tile: path.closest("svg").getBoundingClientRect().width };
      });
    assert.ok(line.width > line.tile * 0.9, `${name}: ${line.width} of ${line.tile} pixels`);
    assert.notEqual(line.stroke, "none");
  }
  assert.equal(await course("Accounts").getAttribute("aria-label"), "Accounts since the view was opened: always 1");
});

test("a figure that grows is drawn as one that grows", async () => {
  const other = await stage.newPage();
  await convertDeposit(other);
  await view(other, "Ask");
  await other.getByLabel("Your question").fill("How many orders are there?");
  await other.getByRole("button", { name: "Ask", exact: true }).click();
  await other.getByRole("link", { name: /^Source 1: 200/ }).waitFor();
  await tile("Open sessions").getByText("2", { exact: true }).waitFor();
  const sessions = await heights("Open sessions");
  assert.ok(sessions.at(-1) < sessions[0], sessions.join(" "));
  assert.match(await course("Open sessions").getAttribute("aria-label"), /: 1 to 2$/);
  const files = await heights("Files");
  assert.ok(files.at(-1) < files[0], files.join(" "));
  assert.match(await course("Files").getAttribute("aria-label"), /: 0 B to [\d.]+ [kM]B$/);
});

test("jobs, the cache and conversations are bars as long as their figures", async () => {
  for (const [title, shares] of [
    ["Jobs", /^Succeeded$/],
    ["Session cache", /^Found in memory$/],
    ["Conversations read from", /^Memory$/],
  ]) {
    const panel = page.locator(".shares").and(page.getByLabel(title, { exact: true }));
    await panel.getByText(shares).waitFor();
    const bars = await panel.locator("div").evaluateAll((lines) =>
      lines.map((line) => ({
        value: Number(line.querySelector(".number").textContent.replaceAll(",", "")),
        // The bar's own place is as wide as the greatest is long.
        share: line.querySelector(".bar").getBoundingClientRect().width / (line.querySelector(".bar").offsetWidth || 1),
      })),
    );
    const greatest = Math.max(...bars.map(({ value }) => value));
    assert.ok(greatest > 0, `${title} has no figure`);
    for (const { value, share } of bars) {
      assert.ok(Math.abs(share - value / greatest) < 0.01, `${title}: ${value} of ${greatest} is drawn as ${share}`);
    }
  }
  await shot(page, "71-figures");
});

test("what was written of conversations is said", async () => {
  const line = (name) => page.locator(".facts-list > div", { hasText: name }).locator("dd");
  assert.ok(Number(await line("Transactions").innerText()) > 0);
  assert.ok(Number(await line("Changes in them").innerText()) > 1);
  assert.match(await line("Time of one").innerText(), /^[\d.]+ ms$/);
  assert.equal(await line("Refused by the database").innerText(), "0");
});

test("cleaning up removes what belongs to nobody, and says how much", async () => {
  const stray = join(folder, "sessions", NOBODYS);
  const button = page.getByRole("button", { name: "Clean up now" });
  // The service cleans up by itself as well now and then; then it is done once more.
  for (let tries = 0; tries < 3; tries += 1) {
    mkdirSync(join(stray, "input"), { recursive: true });
    for (const name of ["a.xml", "b.xml"]) writeFileSync(join(stray, "input", name), "<a/>");
    const answered = page.waitForResponse("**/api/admin/cleanup");
    await button.click();
    const { orphaned_files: removed } = await (await answered).json();
    if (removed === 2) break;
  }
  await page.getByText(/^0 idle sessions, 2 stray files, \d+ expired entries$/).waitFor();
  assert.ok(!existsSync(stray), "what belongs to nobody is still there");
  await tile("Open sessions").getByText("2", { exact: true }).waitFor();
});

test("writing conversations is asked of the service, and what is left of it is said", async () => {
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/api/admin/flush"));
  await page.getByRole("button", { name: "Write now" }).click();
  assert.equal((await answered).request().method(), "POST");
  await page.getByText(/^\d+ conversations? written$/).waitFor();
  // As of a database that is away.
  await page.route("**/api/admin/flush", (route) => route.fulfill({ json: { flushed: 3, remaining: 2 } }));
  await page.getByRole("button", { name: "Write now" }).click();
  await page.getByText("3 written, 2 still wait").waitFor();
  const problem = { title: "The database is away", detail: "try again later", code: "unavailable" };
  await page.unroute("**/api/admin/flush");
  await page.route("**/api/admin/flush", (route) => route.fulfill({ status: 503, json: problem }));
  await page.getByRole("button", { name: "Write now" }).click();
  await page.getByText("The database is away").waitFor();
  // What was said before is of another time.
  assert.equal(await page.getByText("3 written, 2 still wait").count(), 0);
  await page.unroute("**/api/admin/flush");
});

test("both are in the activity", async () => {
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Activity" }).click();
  await page.getByRole("cell", { name: "Cleaned up" }).first().waitFor();
  await page.getByRole("cell", { name: "Wrote conversations" }).first().waitFor();
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
