/** Line drawings on a grid of 24. */
const PATHS = {
  upload: "M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  convert: "M4 7h11l-3-3M20 17H9l3 3",
  tables: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
  chat: "M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  admin: "M5 20V10m7 10V4m7 16v-7",
  close: "M6 6l12 12M18 6L6 18",
  compare: "M4.500 5h6v14h-6zM13.500 5h6v14h-6zM7 9.500h1m-1 5h1m8-5h1m-1 5h1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 8v5m0 3v.01M12 3.5l9 16H3z",
  file: "M6 3.5h8l4 4v13H6zM14 3.5v4h4",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  folder: "M3.5 6.5h6l2 2h9v10h-17z",
  more: "M4.500 12a.500.500 0 1 0 1 0 .500.500 0 1 0-1 0zM11.500 12a.500.500 0 1 0 1 0 .500.500 0 1 0-1 0zM18.500 12a.500.500 0 1 0 1 0 .500.500 0 1 0-1 0z",
  download: "M12 4v12m0 0l-5-5m5 5l5-5M4 20h16",
  copy: "M8.5 8.5V5h10.5v10.5h-3.5M5 8.5h10.5V19H5z",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  filter: "M4 6h16l-6 7v5l-4 2v-7z",
  up: "M12 19V5m0 0l-5 5m5-5l5 5",
  down: "M12 5v14m0 0l-5-5m5 5l5-5",
  right: "M9.5 5.5L16 12l-6.5 6.5",
  left: "M14.5 5.5L8 12l6.5 6.5",
  expand: "M6 9.5l6 6 6-6",
  key: "M14.5 13a4.5 4.5 0 1 0-3.6-1.8L4 18v2.5h3V18h2.500v-2.500l2-2",
  play: "M8 5.500v13l10.500-6.500z",
  stop: "M7 7h10v10H7z",
  send: "M12 19V6m0 0l-5.500 5.500M12 6l5.500 5.500",
  edit: "M5 19h3.500L19 8.500 15.500 5 5 15.500zM13 7.500l3.500 3.500",
  again: "M19 12a7 7 0 1 1-2-5l2 2m0-5v5h-5",
  good: "M7.500 11v9H4v-9zM7.500 11l3.500-7a2 2 0 0 1 2 2.500L12.500 9.500H19a1.500 1.500 0 0 1 1.500 1.800l-1.300 7.200a1.800 1.800 0 0 1-1.800 1.500H7.500",
  bad: "M16.500 13V4H20v9zM16.500 13l-3.500 7a2 2 0 0 1-2-2.500l.500-3H5a1.500 1.500 0 0 1-1.500-1.800l1.300-7.200A1.800 1.800 0 0 1 6.600 4h9.900",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13",
  link: "M10 14l4-4M8.500 11.500l-2 2a3 3 0 0 0 4.200 4.200l2-2M15.500 12.500l2-2a3 3 0 0 0-4.200-4.200l-2 2",
  code: "M9 7l-5 5 5 5m6-10l5 5-5 5",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  out: "M14 4.500H5v15h9M10 12h11m0 0l-3.500-3.500M21 12l-3.500 3.500",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c.8-4 3.700-6 7.500-6s6.700 2 7.500 6",
  text: "M5 6h14M12 6v13",
  number: "M9 4L7 20M17 4l-2 16M4 9h16M4 15h16",
  date: "M4.500 6h15v14h-15zM4.500 10.500h15M8.500 3.500V7m7-3.500V7",
  toggle: "M8 7h8a5 5 0 0 1 0 10H8A5 5 0 0 1 8 7zM8 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  chart: "M4 20h16M6 16l4-5 4 3 5-8",
  menu: "M4 7h16M4 12h16M4 17h16",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture that says nothing which the words beside it do not. Its size is in pixels where letters have their usual size. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={`${size / 16}rem`}
      height={`${size / 16}rem`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0f6b5c" />
      <g fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
        <path d="M7 11l-3 5 3 5M13 9l-3 14" />
        <path d="M17 10h11v12H17zM17 14h11M17 18h11M22 14v8" />
      </g>
    </svg>
  );
}
