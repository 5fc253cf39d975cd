import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { library } from "./samples.mjs";
import { drop, shot, signIn, startStage, view } from "./stage.mjs";

let stage;
let page;
let ben;
before(async () => {
  stage = await startStage();
  page = await stage.newPage();
  await signIn(page);
  await view(page, "Admin");
});
after(() => stage.stop());

const part = (name) => page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name }).click();

test("an administrator sees the figures, and has conversations written and leftovers removed", async () => {
  await page.locator(".tile", { hasText: "Open sessions" }).getByText("1", { exact: true }).waitFor();
  await page.getByText("Ready", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Write now" }).click();
  await page.getByText("0 conversations written").waitFor();
  await page.getByRole("button", { name: "Clean up now" }).click();
  await page.getByText(/0 idle sessions, 0 stray files/).waitFor();
  await shot(page, "30-admin");
});

test("an account is added, disabled, enabled, made an administrator and removed", async () => {
  await part("Accounts");
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill("eva");
  await dialog.getByLabel("Password").fill("long-enough-1");
  await shot(page, "31-add-account");
  await dialog.getByRole("button", { name: "Add account" }).click();
  const line = page.getByRole("listitem").filter({ hasText: "eva" });
  await line.waitFor();
  const pick = async (name) => {
    await page.getByRole("button", { name: "More about eva" }).click();
    await page.getByRole("button", { name, exact: true }).click();
  };
  await pick("Disable");
  await line.getByText("Disabled").waitFor();
  await pick("Enable");
  await pick("Make administrator");
  await line.getByText("Administrator").waitFor();
  await shot(page, "32-accounts");
  await pick("Remove");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await line.waitFor({ state: "detached" });
});

test("a name that is taken is refused with its reason", async () => {
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill("admin");
  await dialog.getByLabel("Password").fill("long-enough-1");
  await dialog.getByRole("button", { name: "Add account" }).click();
  await dialog.getByText("The username is taken").waitFor();
  await page.keyboard.press("Escape");
});

test("the last administrator cannot be disabled", async () => {
  await page.getByRole("button", { name: "More about admin" }).click();
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByRole("status").getByText("The last administrator").waitFor();
});

test("the activity tells what was done", async () => {
  await part("Activity");
  await page.getByRole("cell", { name: "Added an account" }).first().waitFor();
  await shot(page, "33-activity");
  await page.getByLabel("Kind of activity").selectOption("admin.cleanup");
  await page.waitForFunction(() => document.querySelectorAll(".log tbody tr").length === 1);
});

test("somebody who is no administrator has no such view", async () => {
  await part("Accounts");
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill("ben");
  await dialog.getByLabel("Password").fill("long-enough-1");
  await dialog.getByRole("button", { name: "Add account" }).click();
  await page.getByRole("listitem").filter({ hasText: "ben" }).waitFor();
  const other = await stage.newPage();
  await other.getByLabel("Username").fill("ben");
  await other.getByLabel("Password", { exact: true }).fill("long-enough-1");
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  assert.equal(await other.getByRole("link", { name: "Admin" }).count(), 0);
});

test("what somebody works on is seen, and how it went", async () => {
  ben = await stage.newPage();
  await ben.getByLabel("Username").fill("ben");
  await ben.getByLabel("Password", { exact: true }).fill("long-enough-1");
  await ben.getByRole("button", { name: "Sign in" }).click();
  await ben.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await drop(ben, [{ name: "library.xml", bytes: library(20) }]);
  await ben.getByText("1 document found").waitFor();
  await view(ben, "Convert");
  await ben.getByRole("button", { name: "Convert", exact: true }).click();
  await ben.getByRole("heading", { name: /tables? with/ }).waitFor();
  await part("Jobs");
  const line = page.getByRole("row", { name: /^ben Conversion Succeeded/ });
  await line.getByText("20 rows").waitFor();
  await shot(page, "34-jobs");
  await page.getByLabel("State of jobs").selectOption("failed");
  await page.getByRole("heading", { name: "No such jobs" }).waitFor();
  await shot(page, "35-no-jobs");
});

test("work of others is cancelled", async () => {
  // As it is told while it runs: what the service then does its own tests show.
  await page.route("**/api/admin/jobs?*", async (route) => {
    const answer = await route.fetch();
    if (!answer.ok()) return route.fulfill({ response: answer });
    const body = await answer.json();
    const items = body.items.map((job) => ({
      ...job,
      state: "running",
      attempt: 2,
      finished_at: null,
      progress: { bytes_done: 4_000_000, bytes_total: 10_000_000, documents_done: 1, documents_total: 2, rows: 1234 },
    }));
    await route.fulfill({ response: answer, json: { ...body, items } });
  });
  await page.getByLabel("State of jobs").selectOption("");
  const line = page.getByRole("row", { name: /^ben Conversion Running/ });
  await line.getByRole("progressbar").waitFor();
  await shot(page, "36-job-running");
  const asked = page.waitForRequest((request) => request.method() === "DELETE");
  await line.getByRole("button", { name: "Cancel the job of ben" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the job" }).click();
  assert.match((await asked).url(), /\/api\/admin\/jobs\/[0-9a-f-]{36}$/);
  await page.getByText("A job of ben was cancelled").waitFor();
  // The list is read again and again: an answer may be on its way.
  await page.unrouteAll({ behavior: "wait" });
});

test("somebody's session is ended, and their page says so", async () => {
  await part("Sessions");
  await page.getByRole("row", { name: /^admin .* This one/ }).waitFor();
  const lines = page.getByRole("row", { name: /^ben / });
  await lines.first().waitFor();
  await shot(page, "37-sessions");
  for (let left = await lines.count(); left > 0; left -= 1) {
    await lines.first().getByRole("button", { name: "End the session of ben" }).click();
    if (left === 1) await shot(page, "38-end-session");
    await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
    await page.waitForFunction(
      (left) =>
        [...document.querySelectorAll(".log tbody th")].filter((cell) => cell.textContent === "ben").length < left,
      left,
    );
  }
  await view(ben, "Tables");
  await ben.reload();
  await ben.getByRole("button", { name: "Sign in" }).waitFor();
  await part("Activity");
  await page.getByRole("cell", { name: "Ended a session" }).first().waitFor();
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
