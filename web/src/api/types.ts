import type { components } from "./schema.ts";

// Names for the parts of the contract that the page uses, and the form of the members that it only calls objects.

type Schemas = components["schemas"];

export type Grant = Schemas["GrantBody"];
export type User = Grant["user"];
export type Removed = Schemas["RemovedBody"];
export type UploadReport = Schemas["UploadReport"];
export type Ticket = Schemas["TicketBody"];
export type Document = Schemas["DocumentBody"];
export type StoredFile = Schemas["FileBody"];
export type ConvertRequest = Schemas["ConvertRequest"];
export type Preview = Schemas["Preview"];
export type Column = Schemas["ColumnReport"];
export type Warning = Schemas["WarningReport"];
export type Account = Schemas["AccountBody"];
export type OpenSession = Schemas["OpenSessionBody"];
export type AnyJob = Schemas["AnyJobBody"];
export type AuditEntry = Schemas["AuditEntry"];
export type Readiness = Schemas["ReadyBody"];
export type CleanupReport = Schemas["CleanupReport"];
export type ConversationSummary = Schemas["SummaryBody"];
export type Citation = Schemas["Citation"];
export type CompareRequest = Schemas["CompareBody"];
export type KindOfSides = Schemas["KindOfSides"];
export type Change = Schemas["Change"];

export type ParentLink = { table: string; column: string };
export type Candidate = { path: string; rows: number };
export type Cell = string | number | boolean | null;

export type Table = Omit<Schemas["TableReport"], "parent"> & { parent?: ParentLink | null };
export type PreviewTable = Omit<Schemas["PreviewTable"], "parent"> & { parent?: ParentLink | null };
export type PreviewGroup = Omit<Schemas["PreviewGroup"], "record" | "alternatives"> & {
  record: Candidate;
  alternatives: Candidate[];
};
export type QueryResult = { columns: string[]; rows: Cell[][]; truncated: boolean; elapsed_ms: number };

export type DifferingCell = { column: string; left: Cell; right: Cell };
export type DifferingRow = Omit<Schemas["RowBody"], "cells" | "key"> & {
  key: Record<string, Cell>;
  cells: DifferingCell[];
};
export type TableDifferences = Omit<Schemas["TableDifferencesBody"], "rows"> & { rows: DifferingRow[] };
export type Comparison = { tables: TableDifferences[]; elapsed_ms: number };

export type ConversionReport = {
  tables: Table[];
  documents: { converted: number; failed: number };
  rows: number;
  errors: Schemas["DocumentProblem"][];
  warnings: Warning[];
  schema_path: string;
};
export type Job = Omit<Schemas["Job"], "result"> & { result?: ConversionReport | UploadReport | null };

export type Stats = Omit<Schemas["StatsBody"], "jobs"> & { jobs: Record<string, number> };

/** A Vega-Lite specification with its data. */
export type ChartSpecification = Record<string, unknown>;

export type AnswerDetails = {
  model: string;
  citations: Citation[];
  unsupported: string[];
  queries: { name: string; sql: string }[];
  charts: ChartSpecification[];
  usage: { input_tokens: number; output_tokens: number };
  ended?: string | null;
  /** Whether charts, and where these do not suffice sources and statements too, are not kept with it. */
  left_out?: boolean;
};
export type Message = Omit<Schemas["MessageBody"], "details" | "feedback"> & {
  details?: AnswerDetails | null;
  feedback?: unknown;
};
export type Conversation = Omit<Schemas["ConversationBody"], "messages"> & { messages: Message[] };
