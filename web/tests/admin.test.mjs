import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { shot, signIn, startStage, view } from "./stage.mjs";

let stage;
let page;
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

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
