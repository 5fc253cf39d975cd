import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { settled, shot, signOut, startStage } from "./stage.mjs";
import { openView, prepare, viewsOf } from "./views.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 740 };

let model;
let stage;
let page;
let views;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ settings: model.settings });
  page = await stage.newPage({ viewport: DESKTOP });
});
after(async () => {
  await stage.stop();
  await model.stop();
});

/** What axe finds that is serious or critical, a line each. */
async function faults() {
  await settled(page);
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run());
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

test("signing in has no fault", async () => {
  assert.deepEqual(await faults(), []);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await faults(), []);
  await shot(page, "desktop-dark-sign-in");
  await page.emulateMedia({ colorScheme: "light" });
});

test("a session is prepared", async () => {
  views = viewsOf(await prepare(page));
});

for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ["light", "dark"]) {
    test(`no view has a serious fault on a ${device}, ${colorScheme}`, async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const found = {};
      for (const view of views) {
        await openView(page, view);
        await shot(page, `${device}-${colorScheme}-${view[0]}`);
        const here = await faults();
        if (here.length > 0) found[view[0]] = here;
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (overflow > 0) found[`${view[0]} is too wide`] = overflow;
      }
      assert.deepEqual(found, {});
    });
  }
}

test("menus and dialogs have no fault", async () => {
  await page.setViewportSize(DESKTOP);
  await page.getByRole("button", { name: /^Account/ }).click();
  assert.deepEqual(await faults(), []);
  await shot(page, "desktop-dark-account-menu");
  await page.getByRole("button", { name: "Sign out" }).click();
  assert.deepEqual(await faults(), []);
  await shot(page, "desktop-dark-sign-out");
  await page.keyboard.press("Escape");
  const opened = [
    ["table", "Filter"],
    ["compare", "Choose the key"],
    ["chat", "1 SQL statement"],
    ["admin-accounts", "More about admin"],
    ["admin-accounts", "Add account"],
  ];
  const found = {};
  for (const [name, button] of opened) {
    await openView(
      page,
      views.find(([view]) => view === name),
    );
    await page.getByRole("button", { name: button }).first().click();
    await shot(page, `desktop-dark-${name}-${button.toLowerCase().replaceAll(" ", "-")}`);
    const here = await faults();
    if (here.length > 0) found[`${name}: ${button}`] = here;
    await page.keyboard.press("Escape");
  }
  assert.deepEqual(found, {});
});

test("everything works at 4 K", async () => {
  await page.setViewportSize({ width: 3840, height: 2160 });
  await page.emulateMedia({ colorScheme: "light" });
  for (const view of views) {
    await openView(page, view);
    await shot(page, `large-${view[0]}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${view[0]} is too wide by ${overflow}`);
  }
});

test("what is shown after signing out has no fault", async () => {
  await page.setViewportSize(PHONE);
  await signOut(page);
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await faults(), []);
    await shot(page, `phone-${colorScheme}-signed-out`);
  }
});
