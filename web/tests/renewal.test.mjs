import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startStage, view } from "./stage.mjs";
import { convertDeposit } from "./views.mjs";

/** The shortest life of a token that the service can be given is a minute; a machine that does other things needs longer to see its end. */
const PATIENCE = 300_000;

let stage;
let pages;
let first;
const refused = [];
let renewals = 0;
before(async () => {
  stage = await startStage({ settings: { ACCESS_TOKEN_EXPIRE_MINUTES: "1", RATE_LIMIT_PER_MINUTE: "10000" } });
  const page = await stage.newPage();
  page.context().on("response", (answer) => {
    const { pathname } = new URL(answer.url());
    if (answer.status() === 401) refused.push(pathname);
    if (pathname === "/api/auth/refresh") renewals += 1;
  });
  const granted = page.waitForResponse("**/api/auth/login");
  await convertDeposit(page);
  first = (await (await granted).json()).access_token;
  const other = await page.context().newPage();
  await other.goto(`${stage.origin}/#/tables`);
  await other.getByRole("gridcell").first().waitFor();
  await view(page, "Tables");
  await page.getByRole("gridcell").first().waitFor();
  pages = [page, other];
});
after(() => stage.stop());

/** Waits until the service takes a token no more. */
async function ended(token) {
  const headers = { authorization: `Bearer ${token}` };
  for (const until = Date.now() + PATIENCE; Date.now() < until; await pause(500)) {
    if ((await fetch(`${stage.ret.origin}/api/auth/me`, { headers })).status === 401) return;
  }
  assert.fail("the token holds on");
}

test("what is done after the token has ended is done with another, and nobody sees it", async () => {
  await ended(first);
  const before = renewals;
  await Promise.all(
    pages.map(async (page) => {
      await page.getByRole("grid").focus();
      await page.keyboard.press("End");
      const sorted = page.waitForResponse((answer) => answer.url().includes("sort="));
      await page.keyboard.press("Enter");
      assert.equal((await sorted).status(), 200);
      await page.locator('[role=columnheader][aria-sort="ascending"]').waitFor();
      await page.getByRole("gridcell").first().waitFor();
    }),
  );
  assert.deepEqual(refused, []);
  const made = renewals - before;
  // One for both, unless the other asked in the moment before it heard of it.
  assert.ok(made === 1 || made === 2, `${made} renewals`);
});

test("signing out ends the session in both, and the tokens of both", async () => {
  const [page, other] = pages;
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await other.getByRole("heading", { name: "You signed out in another tab" }).waitFor();
  // Nothing of the session is left to be seen, and none comes back by loading the page anew.
  for (const one of pages) {
    assert.equal(await one.getByRole("grid").count(), 0);
    await one.reload();
    await one.getByRole("heading", { name: "Sign in" }).waitFor();
  }
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
