import type { ConvertRequest } from "../api/types.ts";

/** What a person chose of a conversion; each member has the service's own default. */
export type Options = {
  groups: string[];
  layout: "auto" | "flat" | "relational";
  record: string;
  /** One of those that the service says it writes. */
  format: string;
  repeated: "index" | "join" | "explode";
  namespaces: "strip" | "prefix" | "uri";
  text: "trim" | "keep";
  mixed: "text" | "xml";
  structure: "values" | "complete";
  on_error: "skip" | "fail";
  delimiter: "," | ";" | "\t";
  bom: boolean;
  guard_formulas: boolean;
  quote_empty: boolean;
  crlf: boolean;
};

export const DEFAULTS: Options = {
  groups: [],
  layout: "auto",
  record: "",
  format: "csv",
  repeated: "index",
  namespaces: "strip",
  text: "trim",
  mixed: "text",
  structure: "values",
  on_error: "skip",
  delimiter: ",",
  bom: false,
  guard_formulas: false,
  quote_empty: false,
  crlf: false,
};

/** The same without groups that are not there any more. */
export function withGroupsOf(options: Options, known: string[]): Options {
  const groups = options.groups.filter((name) => known.includes(name));
  return groups.length === options.groups.length ? options : { ...options, groups };
}

/** The body of the call: only what differs from the defaults. */
export function requestOf(options: Options): ConvertRequest {
  const request: Record<string, unknown> = {};
  for (const name of [
    "layout",
    "format",
    "repeated",
    "namespaces",
    "text",
    "mixed",
    "structure",
    "on_error",
  ] as const) {
    if (options[name] !== DEFAULTS[name]) request[name] = options[name];
  }
  if (options.groups.length > 0) request.groups = options.groups;
  if (options.record.trim() !== "") request.record = options.record.trim();
  const csv: Record<string, unknown> = {};
  if (options.format === "csv") {
    for (const name of ["delimiter", "bom", "guard_formulas", "quote_empty"] as const) {
      if (options[name] !== DEFAULTS[name]) csv[name] = options[name];
    }
    if (options.crlf) csv.line_end = "crlf";
  }
  if (Object.keys(csv).length > 0) request.csv = csv;
  return request as ConvertRequest;
}

/** What of the options shows in a preview: the format of the files does not. */
export function previewOf(options: Options): ConvertRequest {
  return requestOf({
    ...DEFAULTS,
    ...options,
    format: "csv",
    delimiter: ",",
    bom: false,
    guard_formulas: false,
    quote_empty: false,
    crlf: false,
    on_error: "skip",
  });
}
