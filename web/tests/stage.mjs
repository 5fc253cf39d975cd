import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startFront } from "../dev/front.mjs";
import { startRet } from "../dev/ret.mjs";

export const PASSWORD = "correct-horse-battery";
const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
const SHOTS = process.env.RET_WEB_SHOTS;
/** A folder with the page, in the place of the one in the executable. */
const PAGE = process.env.RET_PAGE ?? null;

/**
 * The service with its page, and a browser that keeps a record of what must not happen. With `front` there is something between them that
 * can be slow, and break off. `store` is the one other origin to which the page may send.
 */
export async function startStage({ settings = {}, arguments: given = [], front: hasFront = false, store = null } = {}) {
  const ret = await startRet({ password: PASSWORD, settings });
  // The service knows which stores the page may send to.
  const policy = (await fetch(ret.origin)).headers.get("content-security-policy");
  const front = hasFront || PAGE ? await startFront({ target: ret.origin, folder: PAGE, policy }) : null;
  const { origin } = front ?? ret;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", ...given] });
  const record = { violations: [], foreign: [], errors: [] };

  async function newContext(options = {}) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ["clipboard-read", "clipboard-write"],
      acceptDownloads: true,
      ...options,
    });
    // A machine that does other things as well is several times slower.
    context.setDefaultTimeout(90_000);
    context.on("request", (request) => {
      const url = new URL(request.url());
      const isOwn = [origin, store].includes(url.origin) || url.protocol === "data:" || url.protocol === "blob:";
      if (!isOwn) record.foreign.push(request.url());
    });
    context.on("console", (message) => {
      if (/content security policy|trusted ?type/i.test(message.text())) record.violations.push(message.text());
    });
    context.on("weberror", (error) => record.errors.push(String(error.error())));
    return context;
  }

  return {
    ret,
    front,
    origin,
    browser,
    record,
    newContext,
    async newPage(options) {
      const page = await (await newContext(options)).newPage();
      await page.goto(origin);
      return page;
    },
    async stop() {
      await browser.close();
      await front?.stop();
      await ret.stop();
    },
  };
}

export async function signIn(page, password = PASSWORD) {
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function signOut(page) {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
}

/** Lets files fall on the page, as from a file manager. */
export async function drop(page, files) {
  const data = await page.evaluateHandle(
    (files) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of files) {
        transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
      }
      return transfer;
    },
    files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString("base64") })),
  );
  for (const event of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent(".drop", event, { dataTransfer: data });
  }
}

export function view(page, name) {
  return page.getByRole("navigation", { name: "Views" }).getByRole("link", { name, exact: true }).click();
}

/** Waits until nothing changes softly any more: colours on their way have other contrasts. */
export function settled(page) {
  return page.evaluate(async () => {
    const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(transitions.map(({ finished }) => finished));
  });
}

/** Keeps a picture if a folder for pictures is named; they are looked at, and are no part of the repository. */
export async function shot(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await settled(page);
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
