import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { settled, shot, startStage, view } from "./stage.mjs";
import { openView, prepare, viewsOf } from "./views.mjs";

let model;
let stage;
let page;
let views;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ settings: { ...model.settings, RATE_LIMIT_PER_MINUTE: "100000" } });
  page = await stage.newPage();
});
after(async () => {
  await stage.stop();
  await model.stop();
});

const press = (key) => page.keyboard.press(key);

/** What has the focus: what it is called, where it stands, and whether anything shows that it has it. Null if it is nothing of the page. */
function stop() {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    globalThis.stops ??= [];
    const before = globalThis.stops.at(-1);
    globalThis.stops.push(element);
    // A radio or a field in a frame is shown by what is around it.
    const showing = [element, element.nextElementSibling, element.closest("label, .sql-layers, .composer-box")];
    const isShown = showing.some((one) => {
      if (!one) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0;
    });
    const box = (element.closest("label") ?? element).getBoundingClientRect();
    const isInSight =
      box.width > 0 &&
      box.height > 0 &&
      box.right > 0 &&
      box.left < innerWidth &&
      box.bottom > 0 &&
      box.top < innerHeight;
    const labels = [...(element.labels ?? [])].map((label) => label.textContent);
    return {
      name: (element.getAttribute("aria-label") ?? (labels.join(" ") || element.textContent)).trim().slice(0, 60),
      isShown,
      isInSight,
      isAfter: !before || Boolean(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
      times: globalThis.stops.filter((one) => one === element).length,
    };
  });
}

const focused = async () => (await stop())?.name ?? null;

/** Begins at the top of the page. */
async function fromTop() {
  await page.evaluate(() => {
    globalThis.stops = [];
    document.activeElement?.blur();
    getSelection()?.removeAllRanges();
    // Where the next step of the keyboard begins.
    const start = document.createElement("span");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
  });
}

/** Goes through everything that the keyboard reaches, once; what is wrong on the way. */
async function walk() {
  const faults = [];
  const passed = [];
  await fromTop();
  for (let steps = 0; steps < 200; steps += 1) {
    await press("Tab");
    await settled(page);
    const here = await stop();
    if (!here || here.times > 1) {
      const isRound = !here || here.name === passed[0];
      return { passed, faults: isRound ? faults : [...faults, `${here.name} again after ${passed.at(-1)}`] };
    }
    passed.push(here.name);
    if (!here.isShown) faults.push(`nothing shows that ${here.name} has the focus`);
    if (!here.isInSight) faults.push(`${here.name} has the focus out of sight`);
    if (!here.isAfter) faults.push(`${here.name} comes before ${passed.at(-2)}`);
  }
  return { passed, faults: [...faults, `no end: ${passed.slice(-5).join(" · ")}`] };
}

test("signing in is walked through in order", async () => {
  const { passed, faults } = await walk();
  assert.deepEqual(faults, []);
  assert.deepEqual(passed, ["Username", "Password", "Show password", "Sign in", "Licences"]);
});

test("a session is prepared", async () => {
  views = viewsOf(await prepare(page));
});

for (const [device, viewport] of Object.entries({
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
})) {
  test(`on a ${device} every view is walked through in order, seen all the way, and left again`, async () => {
    await page.setViewportSize(viewport);
    const found = {};
    for (const one of views) {
      await openView(page, one);
      const { passed, faults } = await walk();
      if (faults.length > 0) found[one[0]] = faults;
      assert.ok(passed.length > 6, `${one[0]}: ${passed.join(" · ")}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    assert.deepEqual(found, {});
  });
}

async function open(name) {
  await openView(
    page,
    views.find(([view]) => view === name),
  );
}

/** Gives the focus to a button and presses it by the keyboard. */
async function pressed(name) {
  await page.getByRole("button", { name }).first().focus();
  await press("Enter");
}

/** Chooses in a menu that is open. */
async function choose(name) {
  for (let steps = 0; steps < 8 && (await focused()) !== name; steps += 1) await press("ArrowDown");
  await press("Enter");
}

const OPENED = [
  ["upload", /^Remove deposit\.zip$/],
  ["upload", /^Account/, "Change password"],
  ["upload", /^Account/, "Sign out"],
  ["compare", /^Choose the key$/],
  ["chat", /^More about/, "Rename"],
  ["chat", /^More about/, "Delete"],
  ["admin-accounts", /^Add account$/],
  ["admin-accounts", /^More about admin$/, "Set a password"],
];

test("a dialog keeps the keyboard within, and gives the focus back however it is left", async () => {
  for (const [name, button, item] of OPENED) {
    await open(name);
    const opener = page.getByRole("button", { name: button }).first();
    for (const leave of ["Escape", "Cancel"]) {
      await pressed(button);
      if (item) await choose(item);
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      for (let steps = 0; steps < 12; steps += 1) {
        await press("Tab");
        const isWithin = await page.evaluate(
          () => document.activeElement === document.body || document.activeElement.closest("dialog") !== null,
        );
        assert.ok(isWithin, `${name}, ${item ?? button}: the focus left the dialog`);
      }
      if (leave === "Cancel") await dialog.getByRole("button", { name: "Cancel" }).focus();
      await press(leave === "Cancel" ? "Enter" : "Escape");
      await dialog.waitFor({ state: "detached" });
      const isBack = await opener.evaluate((element) => element === document.activeElement);
      assert.ok(isBack, `${name}, ${item ?? button}, ${leave}: the focus is at ${await focused()}`);
    }
  }
});

test("where what opened a dialog is gone, the keyboard goes on beside it", async () => {
  await open("chat");
  await view(page, "Ask");
  await page.getByRole("link", { name: "New conversation" }).click();
  await page.getByLabel("Your question").fill("Say it otherwise");
  await press("Enter");
  await page.getByText("This is said otherwise.").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".talk").length === 2);
  await pressed(/^More about Say it/);
  await choose("Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).focus();
  await press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".talk").length === 1);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const isBeside = await page.evaluate(() => document.activeElement?.closest(".history") !== null);
  assert.ok(isBeside, `the focus is at ${await focused()}`);
});

test("who asks otherwise writes at once, and comes back to the question", async () => {
  await open("chat");
  await pressed(/^Ask otherwise$/);
  const field = page.getByRole("textbox", { name: "Ask otherwise" });
  await field.waitFor();
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  await shot(page, "73-ask-otherwise");
  await press("Escape");
  await field.waitFor({ state: "detached" });
  assert.equal(await focused(), "Ask otherwise");
});

test("who goes elsewhere while an answer is written stays there", async () => {
  await open("chat");
  await page.getByLabel("Your question").fill("Tell me a long story");
  await press("Enter");
  await page.getByText("It begins.").waitFor();
  assert.equal(await focused(), "Your question");
  const search = page.getByLabel("Search conversations");
  await search.focus();
  await page.getByText("It ends here.").waitFor();
  await page.waitForFunction(() => !document.querySelector(".answer[aria-busy]"));
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
  assert.equal(await focused(), "Search conversations");
});

test("who stops an answer goes on to write", async () => {
  await open("chat");
  await page.getByLabel("Your question").fill("Tell me a long story");
  await press("Enter");
  await page.getByText("It begins.").nth(1).waitFor();
  await pressed(/^Stop the answer$/);
  await page.getByText("Stopped. What was said until then is kept.").waitFor();
  await page.waitForFunction(() => document.activeElement?.matches(".composer textarea"));
});

test("a button that works for a while keeps the focus", async () => {
  for (const [name, button] of [
    ["admin", "Write now"],
    ["admin", "Clean up now"],
    ["sql", "Run"],
    ["convert", "Convert"],
  ]) {
    await open(name);
    const element = page.getByRole("button", { name: button, exact: true });
    await element.focus();
    const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
    await press("Enter");
    await answered;
    // Two frames later a browser has taken the focus from what cannot have it.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.equal(await focused(), button, name);
  }
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
