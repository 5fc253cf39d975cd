// Made by dev/schema.mjs out of the service's own contract.
export interface paths {
    "/api/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit log, the newest entry first. */
        get: operations["get /api/admin/audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Clean up now, files included. */
        post: operations["post /api/admin/cleanup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of conversations that the database refused: set aside in Redis, and not tried again. */
        get: operations["get /api/admin/dead-letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/flush": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write all conversations that wait to the database now, of this process and of others that left some. */
        post: operations["post /api/admin/flush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs of everybody, the newest first. */
        get: operations["get /api/admin/jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Cancel a job of anybody; what it had written so far is removed. */
        delete: operations["delete /api/admin/jobs/{id}"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Open sessions of everybody, the newest first. */
        get: operations["get /api/admin/sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session of anybody; everything of it is removed, as by logging out. */
        delete: operations["delete /api/admin/sessions/{id}"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures of the service. */
        get: operations["get /api/admin/stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What answers of the chat took, by day (in UTC), person and model, the latest day first. */
        get: operations["get /api/admin/usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts by time of making. */
        get: operations["get /api/admin/users"];
        put?: never;
        /** Make an account. */
        post: operations["post /api/admin/users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove an account and everything of its sessions. */
        delete: operations["delete /api/admin/users/{id}"];
        options?: never;
        head?: never;
        /** Change an account. Disabling it or giving it a new password ends its sessions. */
        patch: operations["patch /api/admin/users/{id}"];
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log in: opens a session. */
        post: operations["post /api/auth/login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same under the path of `auth`. */
        post: operations["post /api/auth/logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The signed-in user and the current session. */
        get: operations["get /api/auth/me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the password; the user's other sessions end. */
        post: operations["post /api/auth/password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the refresh token of the cookie for new tokens. */
        post: operations["post /api/auth/refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What answers of the chat to you took, by day (in UTC) and model, the latest day first. */
        get: operations["get /api/auth/usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask about the session's tables. Without `stream` the answer comes when it is whole; with it as server-sent events `start`, `tool`, `delta`,
         *     `citation`, `chart`, `done` (the whole message) or `error`.
         */
        post: operations["post /api/chat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare two tables of the last conversion, or all tables of two uploads, row by row and cell by cell. */
        post: operations["post /api/compare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your conversations, the last used first, without their messages. */
        get: operations["get /api/conversations"];
        put?: never;
        /** Begin a conversation. */
        post: operations["post /api/conversations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/flush": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write what waits of your conversations to the database now. */
        post: operations["post /api/conversations/flush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A conversation with all its messages, each after the one it answers. `Cache-Control: max-stale` takes a copy that cannot be verified while
         *     the database is away.
         */
        get: operations["get /api/conversations/{id}"];
        put?: never;
        post?: never;
        /** Delete a conversation, for good. */
        delete: operations["delete /api/conversations/{id}"];
        options?: never;
        head?: never;
        /** Name a conversation. */
        patch: operations["patch /api/conversations/{id}"];
        trace?: never;
    };
    "/api/conversations/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A conversation as a file. */
        get: operations["get /api/conversations/{id}/export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Append a message. With an `id` it may be sent again: it is kept once. Without `parent_id` it follows the last message; another with the same
         *     parent is a branch.
         */
        post: operations["post /api/conversations/{id}/messages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{id}/messages/{message}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Go on with an answer where you were: `Last-Event-ID` is the id of the last event that you have. Ids mean the same in every process; one that
         *     does not write the answer tells of no tools, and of the words in other pieces.
         */
        get: operations["get /api/conversations/{id}/messages/{message}/events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{id}/messages/{message}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say what you think of a message: any JSON; `null` takes it back. */
        put: operations["put /api/conversations/{id}/messages/{message}/feedback"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{id}/messages/{message}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End an answer where it is; what was said is kept. */
        post: operations["post /api/conversations/{id}/messages/{message}/stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/convert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Convert documents into tables. With `Prefer: wait=N` the finished job is the answer if it ends within N seconds. */
        post: operations["post /api/convert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/convert/formats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The formats that this build writes. */
        get: operations["get /api/convert/formats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/convert/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The tables as they would be, with their first rows. The body is that of a conversion, and `rows` (1 to 200) and `partial` (`true` shows the
         *     rows of broken documents as well, up to where each is broken).
         */
        post: operations["post /api/convert/preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page that lists the contract and the problem codes, one anchor each. */
        get: operations["get /api/docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The documents of the session. */
        get: operations["get /api/documents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tables, or some, as one ZIP with their description. */
        get: operations["get /api/download"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The files of the session. */
        get: operations["get /api/files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{area}/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a file, or a part of it, or look at its first rows. */
        get: operations["get /api/files/{area}/{path}"];
        put?: never;
        post?: never;
        /**
         * Remove a file; an upload goes with the documents in it. Tables keep their rows of it until they are converted again. A table's file goes from the
         *     files and the archive; the rows, and what `datapackage.json` says of them, stay until the next conversion.
         */
        delete: operations["delete /api/files/{area}/{path}"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process is alive. */
        get: operations["get /api/health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The session's jobs, newest first. */
        get: operations["get /api/jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job with its progress, and with its result once it has one. */
        get: operations["get /api/jobs/{id}"];
        put?: never;
        post?: never;
        /** Cancel a job; what it had written so far is removed. */
        delete: operations["delete /api/jobs/{id}"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The job as server-sent events: `progress` whenever it changes, `done` at the end. */
        get: operations["get /api/jobs/{id}/events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log out. May be repeated. */
        post: operations["post /api/logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** No stream: nothing is told without being asked. */
        get: operations["get /api/mcp"];
        put?: never;
        /**
         * Speak the Model Context Protocol: tools over the session's tables, and the tables as resources. One JSON-RPC message in, at most one out;
         *     `Accept` has to name `application/json` and `text/event-stream`.
         */
        post: operations["post /api/mcp"];
        /** No session of the protocol, so none to end. */
        delete: operations["delete /api/mcp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures as Prometheus text. Needs the role `admin`, or the metrics key as bearer token. */
        get: operations["get /api/metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The contract of this service. */
        get: operations["get /api/openapi.json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Each dependency with its state and latency. */
        get: operations["get /api/ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tables of the last conversion. */
        get: operations["get /api/tables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run one read-only SQL statement over the session's tables. */
        post: operations["post /api/tables/query"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search the rows of all tables for words, and for what they mean. Without `q` this is the table of the name `search`. */
        get: operations["get /api/tables/search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables/{table}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One table with a page of its rows. */
        get: operations["get /api/tables/{table}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Upload XML documents and ZIP archives of them. */
        post: operations["post /api/upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/upload/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a ticket for one large file. */
        post: operations["post /api/upload/tickets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/upload/tickets/{ticket}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have the bytes of a ticket opened and scanned. Waits for the end up to 20 seconds, or as long as `Prefer: wait=N` says. May be repeated. */
        post: operations["post /api/upload/tickets/{ticket}/complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/upload/tickets/{ticket}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send the bytes of a ticket to its `upload_url`, all of them. May be repeated until the ticket is completed; the last whole body counts. What
         *     has arrived before a connection breaks off is kept.
         */
        put: operations["put /api/upload/tickets/{ticket}/content"];
        post?: never;
        /** Remove what has arrived of a ticket's bytes at its `upload_url`: nobody will send the rest. A request that sends bytes for the ticket is ended. */
        delete: operations["delete /api/upload/tickets/{ticket}/content"];
        options?: never;
        /** How many bytes of a ticket have arrived at its `upload_url`. */
        head: operations["head /api/upload/tickets/{ticket}/content"];
        /** Send more bytes of a ticket to its `upload_url`, behind those that have arrived. Another request that sends bytes for the ticket is ended. */
        patch: operations["patch /api/upload/tickets/{ticket}/content"];
        trace?: never;
    };
    "/api/upload/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Upload one file as the body. */
        put: operations["put /api/upload/{name}"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One account. */
        AccountBody: {
            created_at: components["schemas"]["Timestamp"];
            disabled: boolean;
            id: components["schemas"]["UserId"];
            role: components["schemas"]["Role"];
            username: string;
        };
        /** @description An answer. */
        AnswerBody: {
            conversation_id: components["schemas"]["ConversationId"];
            message: components["schemas"]["AnswerMessageBody"];
        };
        /** @description What an answer has besides its text. */
        AnswerDetails: {
            /**
             * @description Charts, as Vega-Lite specifications with their data.
             * @default []
             */
            charts: Record<string, never>[];
            /**
             * @description Where its statements come from, by their numbers in the text.
             * @default []
             */
            citations: components["schemas"]["Citation"][];
            /**
             * @description Why it ends where it does, if it is not finished: `stopped`, `failed`, or `cut` at a limit of the model.
             * @default null
             */
            ended: string | null;
            /**
             * @description Whether charts, and where these do not suffice sources and statements, are not kept because the answer would be too large with them.
             * @default false
             */
            left_out: boolean;
            /**
             * @description Who answered.
             * @default
             */
            model: string;
            /**
             * @description The statements that were run.
             * @default []
             */
            queries: components["schemas"]["AnswerQuery"][];
            /** @default null */
            summary: components["schemas"]["Summary"] | null;
            /**
             * @description Figures in it that no result shows.
             * @default []
             */
            unsupported: string[];
            /**
             * @description What it took.
             * @default {
             *       "input_tokens": 0,
             *       "output_tokens": 0
             *     }
             */
            usage: components["schemas"]["AnswerUsage"];
        };
        /** @description An answer, as a message of the conversation with what it rests on. */
        AnswerMessageBody: components["schemas"]["MessageBody"] & components["schemas"]["AnswerDetails"] & {
            /** @description The last chart, as a Vega-Lite specification with its data. */
            chart?: Record<string, never> | null;
            /** @description The last statement that was run. */
            sql?: string | null;
        };
        /** @description A statement that was run for an answer. */
        AnswerQuery: {
            /** @description `q1`, `q2`, … as citations name it. */
            name: string;
            /** @description The statement. */
            sql: string;
        };
        /** @description Tokens that an answer took, all requests together. */
        AnswerUsage: {
            /**
             * Format: int64
             * @description Of the requests.
             */
            input_tokens: number;
            /**
             * Format: int64
             * @description Of the replies.
             */
            output_tokens: number;
        };
        /** @description A job, whoever's. What it was asked for and what came out of it is its owner's business and not shown. */
        AnyJobBody: {
            /**
             * Format: int32
             * @description How often a worker has taken it up.
             */
            attempt: number;
            created_at: components["schemas"]["Timestamp"];
            error?: components["schemas"]["AnyJobErrorBody"] | null;
            finished_at?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["JobId"];
            kind: components["schemas"]["JobKind"];
            progress: components["schemas"]["Progress"];
            session_id: components["schemas"]["SessionId"];
            started_at?: components["schemas"]["Timestamp"] | null;
            state: components["schemas"]["JobState"];
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        /** @description Why a job failed. */
        AnyJobErrorBody: {
            code: string;
            detail: string;
            /** @description Documents at fault. */
            documents: number;
        };
        /**
         * @description The three areas of files that a person can list and download.
         * @enum {string}
         */
        Area: "input" | "extracted" | "output";
        /**
         * @description What was done.
         * @enum {string}
         */
        AuditAction: "auth.login" | "auth.login_failed" | "auth.logout" | "auth.password_changed" | "auth.token_reused" | "account.added" | "account.changed" | "account.removed" | "upload.finished" | "conversion.started" | "files.removed" | "conversation.deleted" | "admin.cleanup" | "admin.flush" | "session.ended" | "job.cancelled" | "session.idle_ended";
        /** @description One line of the audit log. */
        AuditEntry: {
            /** @description What was done. */
            action: components["schemas"]["AuditAction"];
            actor?: components["schemas"]["UserId"] | null;
            /** @description The account's name then, or the part of the service. */
            actor_name?: string | null;
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /** @description The client's address, as the rate limit knows it. */
            client_address?: string | null;
            /** @description Counts and other particulars of the action. */
            details: Record<string, never>;
            /** @description Identity of the entry. */
            id: components["schemas"]["AuditEntryId"];
            /** @description How it ended. */
            outcome: components["schemas"]["AuditOutcome"];
            /** @description What it was done to: an id, a name or a path. */
            subject?: string | null;
        };
        /**
         * Format: uuid
         * @description One entry of the audit log; a UUIDv7 made here.
         */
        AuditEntryId: string;
        /**
         * @description How it ended.
         * @enum {string}
         */
        AuditOutcome: "done" | "refused";
        CacheBody: {
            /** Format: int64 */
            evictions: number;
            /** Format: int64 */
            hits_durable: number;
            /** Format: int64 */
            hits_memory: number;
            /** Format: int64 */
            hits_shared: number;
            /** Format: int64 */
            misses: number;
            /** Format: int64 */
            shared_failures: number;
        };
        CellBody: {
            column: string;
            /** @description The value on the left side; null if there is none. */
            left: unknown;
            /** @description The value on the right side; null if there is none. */
            right: unknown;
        };
        /** @enum {string} */
        Change: "removed" | "added" | "changed";
        /** @description Where a statement of an answer comes from. */
        Citation: {
            /** @description The column of the query's result. */
            column?: string | null;
            /** @description What stands there; null if there is no such place. */
            excerpt?: string | null;
            /** @description Its number in the text: `[1]`. */
            number: number;
            /** @description The query whose result it points to. */
            query?: string | null;
            /** @description The row: of the query's result from 1, or the key of the table's row. */
            row: string;
            /** @description Whether what is said right before it is what stands there. */
            supported: boolean;
            /** @description The table whose row it points to. */
            table?: string | null;
        };
        /** @description What a run did. */
        CleanupReport: {
            /**
             * Format: int64
             * @description Refresh tokens, failed logins, cache entries, audit entries and usage of answers past their time.
             */
            expired: number;
            /**
             * Format: int64
             * @description Steps that failed; the log says why.
             */
            failed_steps: number;
            /**
             * Format: int64
             * @description Interrupted removals that were finished.
             */
            finished_removals: number;
            /**
             * Format: int64
             * @description Idle sessions that were ended.
             */
            idle_sessions: number;
            /**
             * Format: int64
             * @description Jobs that were rung for again.
             */
            jobs_rung: number;
            /**
             * Format: int64
             * @description Files without a row, of killed uploads and conversions.
             */
            orphaned_files: number;
        };
        /** @description One column. */
        ColumnReport: {
            /** @description Whether the conversion made it. */
            key: boolean;
            /** @description Its name. */
            name: string;
            /** @description Whether a cell may be empty. */
            nullable: boolean;
            /** @description The path its values come from; empty for keys. */
            source_path: string;
            /** @description What every value may be read as. */
            type: string;
        };
        CompareBody: {
            key?: components["schemas"]["Key"] | null;
            kind?: components["schemas"]["KindOfSides"] | null;
            /** @description What was: a table of the last conversion, or an upload by its id or name, a document by its id or path, or a group. */
            left: string;
            /** @description Rows told of each pair of tables, 0 to 1000; 100 if not given. All are counted. */
            limit?: number | null;
            /** @description What is: a table too, or an upload, document or group too. */
            right: string;
            /** @description Only these tables of two uploads. */
            tables?: string[];
        };
        ComparisonBody: {
            /** Format: int64 */
            elapsed_ms: number;
            /** @description One entry for each pair of tables that has rows. */
            tables: components["schemas"]["TableDifferencesBody"][];
        };
        /** @description A conversation. */
        ConversationBody: {
            created_at?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["ConversationId"];
            /** @description Each after the one it answers. */
            messages: components["schemas"]["MessageBody"][];
            model?: string | null;
            /** @description Whether it is gone at the end of the session. */
            temporary: boolean;
            /** @description Null until it has a name. */
            title?: string | null;
            updated_at?: components["schemas"]["Timestamp"] | null;
        };
        /**
         * Format: uuid
         * @description One conversation of a person; a UUIDv7 made here, or the same with the version 8 (custom) for one that is kept nowhere for good: so
         *     whoever meets the id knows where the conversation is.
         */
        ConversationId: string;
        /** @description A conversion to do. */
        ConvertRequest: {
            /** @description Details of CSV files. */
            csv?: Record<string, never>;
            /**
             * @description These documents only; all when empty.
             * @default []
             */
            documents: components["schemas"]["DocumentId"][];
            /**
             * @description `csv`, `xlsx`, `jsonl` or `parquet`: the files' format.
             * @default csv
             */
            format: string;
            /**
             * @description Documents of these groups only; all when empty.
             * @default []
             */
            groups: string[];
            /**
             * @description `auto`, `flat` or `relational`.
             * @default auto
             */
            layout: string;
            /**
             * @description `text` or `xml`: what a cell of prose holds.
             * @default text
             */
            mixed: string;
            /**
             * @description `strip`, `prefix` or `uri`: how namespaces show in names.
             * @default strip
             */
            namespaces: string;
            /**
             * @description What happens when a document cannot be converted.
             * @default skip
             */
            on_error: components["schemas"]["OnError"];
            /**
             * @description The element that makes one row in a flat table: a tag or a path; detected if not given.
             * @default null
             */
            record: string | null;
            /**
             * @description `index`, `join` or `explode`: what a flat table does with elements that repeat inside a record.
             * @default index
             */
            repeated: string;
            /**
             * @description `values` or `complete`: whether relational tables tell all of a document's structure. `complete` makes the layout `auto`
             *     relational and goes with no `flat` one.
             * @default values
             */
            structure: string;
            /**
             * @description `trim` or `keep`: white space around texts.
             * @default trim
             */
            text: string;
        };
        /**
         * Format: date
         * @description A day of the calendar in UTC; `2026-11-22` outside.
         */
        Day: string;
        /** @description What the answers of a model to a person took on a day. */
        DayOfUsage: {
            /** @description The day. */
            day: components["schemas"]["Day"];
            /**
             * Format: int64
             * @description Tokens of the requests.
             */
            input_tokens: number;
            /** @description Who answered, or made vectors. */
            model: string;
            /**
             * Format: int64
             * @description Tokens of the replies.
             */
            output_tokens: number;
            /**
             * Format: int64
             * @description Answers, also those that broke off; of a model that makes vectors, searches and attempts at jobs.
             */
            turns: number;
            /** @description Who asked. */
            user_id: components["schemas"]["UserId"];
            /** @description Their name; `None` if the account is gone. */
            username?: string | null;
        };
        /** @description A change of a conversation that the database refused. What it says is its owner's business and not shown. */
        DeadLetterBody: {
            bytes: number;
            conversation_id: components["schemas"]["ConversationId"];
            /** @description Whose conversation it is. */
            owner_id: components["schemas"]["UserId"];
            /** @description What was changed: `t` the title, `l` the model, `m:{id}` a message, `f:{id}` feedback, `x` the deletion. */
            register: string;
            /** @description What the database said. */
            why: string;
            written_at: components["schemas"]["Timestamp"];
        };
        DeadLettersBody: {
            items: components["schemas"]["DeadLetterBody"][];
        };
        DependencyBody: {
            /** Format: int64 */
            latency_ms: number;
            name: string;
            /** @description `up` or `down`. */
            state: string;
        };
        /** @description One document. */
        DocumentBody: {
            /** Format: int64 */
            bytes: number;
            error?: components["schemas"]["DocumentProblem"] | null;
            group: string;
            id: components["schemas"]["DocumentId"];
            path: string;
            /** @description Path of the element that makes a record. */
            record_path?: string | null;
            /** Format: int64 */
            records_estimate?: number | null;
            /** @description Name of the root element. */
            root?: string | null;
        };
        /**
         * Format: uuid
         * @description One XML document found in an upload.
         */
        DocumentId: string;
        /** @description What is wrong with a document that could not be scanned. */
        DocumentProblem: {
            /** @description The kind of problem, snake_case. */
            code: string;
            /**
             * Format: int64
             * @description Column of the fault in characters, from 1.
             */
            column?: number | null;
            /** @description What is wrong and what would mend it. */
            detail: string;
            /** @description The document's path. */
            file: string;
            /**
             * Format: int64
             * @description Line of the fault, from 1.
             */
            line?: number | null;
        };
        EditBody: {
            /** @default null */
            disabled: boolean | null;
            /** @default null */
            password: string | null;
            /** @default null */
            role: components["schemas"]["Role"] | null;
        };
        /** @description One file. */
        FileBody: {
            area: components["schemas"]["Area"];
            /** Format: int64 */
            bytes: number;
            content_type: string;
            modified_at: components["schemas"]["Timestamp"];
            path: string;
            sha256?: string | null;
        };
        /** @description What a flush did. */
        FlushBody: {
            /**
             * Format: int64
             * @description Conversations written to the database now.
             */
            flushed: number;
            /**
             * Format: int64
             * @description Conversations still waiting: the database does not answer.
             */
            remaining: number;
        };
        /** @description A format that tables can be written in. */
        FormatBody: {
            /** @description As it stands in a request; also the files' extension. */
            format: string;
            media_type: string;
        };
        FormatsBody: {
            /** @description The default first. */
            items: components["schemas"]["FormatBody"][];
        };
        /** @description Rows that were found. */
        FoundBody: {
            /** @description Whether all rows were searched. Until the index of a conversion is built, only the first ones are. */
            indexed: boolean;
            /** @description Best first: rows with all words, or else rows with some, and those that mean the like. */
            items: components["schemas"]["HitBody"][];
            /** @description Whether rows were looked for that mean the like, without having the words. */
            meaning: components["schemas"]["MeaningBody"];
        };
        /**
         * @description By what a row was found.
         * @enum {string}
         */
        FoundBy: "words" | "meaning";
        /** @description Tokens for the client; the refresh token comes in a cookie. */
        GrantBody: {
            access_token: string;
            /**
             * Format: int64
             * @description Seconds.
             */
            expires_in: number;
            session_id: components["schemas"]["SessionId"];
            /** @description Always `Bearer`. */
            token_type: string;
            user: components["schemas"]["UserBody"];
        };
        /** @description Documents that convert together. */
        GroupSummary: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many documents it has.
             */
            documents: number;
            /** @description The group's name. */
            name: string;
        };
        HealthBody: {
            /** @description Always `ok`. */
            status: string;
            version: string;
        };
        /** @description What waits of conversations for the database. */
        HistoryBody: {
            /**
             * Format: int64
             * @description Changes that the database refused.
             */
            dead_letters?: number | null;
            /**
             * Format: int64
             * @description Conversations in the journal, which all instances share; null without one, or if it does not answer.
             */
            journaled_conversations?: number | null;
            /** Format: int64 */
            oldest_journaled_ms?: number | null;
            /** Format: int64 */
            oldest_pending_ms: number;
            /**
             * Format: int64
             * @description Changes in this process.
             */
            pending_changes: number;
        };
        HitBody: {
            /** @description `column: value` pairs around the first word that was found. */
            excerpt: string;
            /** @description `words`, `meaning`, or both. */
            found_by: components["schemas"]["FoundBy"][];
            /** @description The row's `_id`, or its number from 1 in a table without one. */
            row: string;
            /**
             * Format: double
             * @description Greater is better; only rows of one answer compare.
             */
            score: number;
            table: string;
        };
        /** @description One page on the wire. */
        ItemPage_AccountBody: {
            /** @description The items of this page. */
            items: {
                created_at: components["schemas"]["Timestamp"];
                disabled: boolean;
                id: components["schemas"]["UserId"];
                role: components["schemas"]["Role"];
                username: string;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_AnyJobBody: {
            /** @description The items of this page. */
            items: {
                /**
                 * Format: int32
                 * @description How often a worker has taken it up.
                 */
                attempt: number;
                created_at: components["schemas"]["Timestamp"];
                error?: components["schemas"]["AnyJobErrorBody"] | null;
                finished_at?: components["schemas"]["Timestamp"] | null;
                id: components["schemas"]["JobId"];
                kind: components["schemas"]["JobKind"];
                progress: components["schemas"]["Progress"];
                session_id: components["schemas"]["SessionId"];
                started_at?: components["schemas"]["Timestamp"] | null;
                state: components["schemas"]["JobState"];
                user_id: components["schemas"]["UserId"];
                username: string;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_AuditEntry: {
            /** @description The items of this page. */
            items: {
                /** @description What was done. */
                action: components["schemas"]["AuditAction"];
                actor?: components["schemas"]["UserId"] | null;
                /** @description The account's name then, or the part of the service. */
                actor_name?: string | null;
                /** @description When. */
                at: components["schemas"]["Timestamp"];
                /** @description The client's address, as the rate limit knows it. */
                client_address?: string | null;
                /** @description Counts and other particulars of the action. */
                details: Record<string, never>;
                /** @description Identity of the entry. */
                id: components["schemas"]["AuditEntryId"];
                /** @description How it ended. */
                outcome: components["schemas"]["AuditOutcome"];
                /** @description What it was done to: an id, a name or a path. */
                subject?: string | null;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_DayOfUsage: {
            /** @description The items of this page. */
            items: {
                /** @description The day. */
                day: components["schemas"]["Day"];
                /**
                 * Format: int64
                 * @description Tokens of the requests.
                 */
                input_tokens: number;
                /** @description Who answered, or made vectors. */
                model: string;
                /**
                 * Format: int64
                 * @description Tokens of the replies.
                 */
                output_tokens: number;
                /**
                 * Format: int64
                 * @description Answers, also those that broke off; of a model that makes vectors, searches and attempts at jobs.
                 */
                turns: number;
                /** @description Who asked. */
                user_id: components["schemas"]["UserId"];
                /** @description Their name; `None` if the account is gone. */
                username?: string | null;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_DocumentBody: {
            /** @description The items of this page. */
            items: {
                /** Format: int64 */
                bytes: number;
                error?: components["schemas"]["DocumentProblem"] | null;
                group: string;
                id: components["schemas"]["DocumentId"];
                path: string;
                /** @description Path of the element that makes a record. */
                record_path?: string | null;
                /** Format: int64 */
                records_estimate?: number | null;
                /** @description Name of the root element. */
                root?: string | null;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_FileBody: {
            /** @description The items of this page. */
            items: {
                area: components["schemas"]["Area"];
                /** Format: int64 */
                bytes: number;
                content_type: string;
                modified_at: components["schemas"]["Timestamp"];
                path: string;
                sha256?: string | null;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_Job: {
            /** @description The items of this page. */
            items: {
                /** @description When it was asked for. */
                created_at: components["schemas"]["Timestamp"];
                error?: components["schemas"]["JobFailure"] | null;
                finished_at?: components["schemas"]["Timestamp"] | null;
                /** @description Identity of the job. */
                id: components["schemas"]["JobId"];
                /** @description What kind of work. */
                kind: components["schemas"]["JobKind"];
                /** @description How far it is. */
                progress: components["schemas"]["Progress"];
                /** @description What came out, once succeeded. */
                result?: Record<string, never> | null;
                started_at?: components["schemas"]["Timestamp"] | null;
                /** @description Where it stands. */
                state: components["schemas"]["JobState"];
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_OpenSessionBody: {
            /** @description The items of this page. */
            items: {
                /** Format: int64 */
                bytes: number;
                created_at: components["schemas"]["Timestamp"];
                /**
                 * Format: int64
                 * @description Visible files: uploads, what they hold, and tables.
                 */
                files: number;
                id: components["schemas"]["SessionId"];
                /** @description When a request of it was last seen, give or take half a minute. */
                last_seen_at: components["schemas"]["Timestamp"];
                /**
                 * Format: int64
                 * @description Jobs that wait or run.
                 */
                unfinished_jobs: number;
                user_id: components["schemas"]["UserId"];
                username: string;
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One page on the wire. */
        ItemPage_SummaryBody: {
            /** @description The items of this page. */
            items: {
                created_at: components["schemas"]["Timestamp"];
                id: components["schemas"]["ConversationId"];
                /** @description Null until it has a name. */
                title?: string | null;
                /** @description When something was last said in it. */
                updated_at: components["schemas"]["Timestamp"];
            }[];
            /** @description Give it as `cursor` to get the next page; null on the last. */
            next_cursor?: string | null;
        };
        /** @description One job with everything its owner may see. */
        Job: {
            /** @description When it was asked for. */
            created_at: components["schemas"]["Timestamp"];
            error?: components["schemas"]["JobFailure"] | null;
            finished_at?: components["schemas"]["Timestamp"] | null;
            /** @description Identity of the job. */
            id: components["schemas"]["JobId"];
            /** @description What kind of work. */
            kind: components["schemas"]["JobKind"];
            /** @description How far it is. */
            progress: components["schemas"]["Progress"];
            /** @description What came out, once succeeded. */
            result?: Record<string, never> | null;
            started_at?: components["schemas"]["Timestamp"] | null;
            /** @description Where it stands. */
            state: components["schemas"]["JobState"];
        };
        /** @description Why a job failed. */
        JobFailure: {
            /** @description Stable code, snake_case. */
            code: string;
            /** @description What is wrong and what would mend it. */
            detail: string;
            /** @description One entry for each document at fault. */
            errors?: components["schemas"]["DocumentProblem"][];
        };
        /**
         * Format: uuid
         * @description One piece of work in the background.
         */
        JobId: string;
        /**
         * @description What kind of work a job is.
         * @enum {string}
         */
        JobKind: "convert" | "upload" | "index" | "embed";
        /**
         * @description Where a job stands. The last three are final.
         * @enum {string}
         */
        JobState: "queued" | "running" | "succeeded" | "failed" | "cancelled";
        Key: string | string[];
        /** @enum {string} */
        KindOfSides: "table" | "upload" | "document" | "group";
        LoginBody: {
            password: string;
            /** @description The account's name; the case of letters does not matter. */
            username: string;
        };
        LogoutBody: {
            removed: components["schemas"]["RemovedBody"];
            /** @description Always true. */
            success: boolean;
        };
        /**
         * @description How it was decided which rows belong together.
         * @enum {string}
         */
        MatchedByBody: "given" | "found" | "content";
        /** @description How many rows fit the conditions. */
        MatchingBody: {
            /** @description Whether these are all. Counting ends after half a second; then there are at least so many. */
            complete: boolean;
            /** Format: int64 */
            rows: number;
        };
        MeBody: {
            session: components["schemas"]["SessionBody"];
            user: components["schemas"]["UserBody"];
        };
        /** @description Whether a search went by meaning too. */
        MeaningBody: {
            /**
             * Format: int64
             * @description Rows that have a vector; further ones are found by words only.
             */
            rows: number;
            /**
             * Format: int64
             * @description Rows of all tables.
             */
            rows_in_all: number;
            /** @enum {string} */
            state: "used";
        } | {
            /** @enum {string} */
            state: "off";
        } | {
            /** @enum {string} */
            state: "building";
        } | {
            /** @enum {string} */
            state: "missing";
        } | {
            /** @enum {string} */
            state: "unanswered";
        };
        /** @description A message. */
        MessageBody: {
            /** @description Not so while it is generated, or if that was broken off. */
            complete: boolean;
            content: string;
            created_at: components["schemas"]["Timestamp"];
            /** @description What an answer has besides its text. */
            details?: Record<string, never> | null;
            /** @description What you think of it: any JSON. */
            feedback?: unknown;
            id: components["schemas"]["MessageId"];
            parent_id?: components["schemas"]["MessageId"] | null;
            role: components["schemas"]["Speaker"];
        };
        /**
         * Format: uuid
         * @description One message of a conversation, given by the client or made here.
         */
        MessageId: string;
        NewAccountBody: {
            /** @description 8 to 256 characters. */
            password: string;
            role?: components["schemas"]["Role"] | null;
            /** @description 1 to 64 letters, digits or the characters . _ - @ + */
            username: string;
        };
        NewConversationBody: {
            /**
             * @description The model that is to answer in it: the one that answers here, or another is refused.
             * @default null
             */
            model: string | null;
            /**
             * @description Kept nowhere for good: it is in no list, and gone at the end of the session.
             * @default false
             */
            temporary: boolean;
            /**
             * @description What to call it; at most 200 characters are kept.
             * @default null
             */
            title: string | null;
        };
        NewMessageBody: {
            /** @description The text; that of a person says something. */
            content: string;
            id?: components["schemas"]["MessageId"] | null;
            parent_id?: components["schemas"]["MessageId"] | null;
            role: components["schemas"]["Speaker"];
        };
        /**
         * @description What happens when a document cannot be converted.
         * @enum {string}
         */
        OnError: "skip" | "fail";
        /** @description An open session, whoever's. */
        OpenSessionBody: {
            /** Format: int64 */
            bytes: number;
            created_at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description Visible files: uploads, what they hold, and tables.
             */
            files: number;
            id: components["schemas"]["SessionId"];
            /** @description When a request of it was last seen, give or take half a minute. */
            last_seen_at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description Jobs that wait or run.
             */
            unfinished_jobs: number;
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        PasswordBody: {
            current_password: string;
            /** @description 8 to 256 characters. */
            new_password: string;
        };
        /** @description What a conversion would give. */
        Preview: {
            /** @description Documents that would not be converted. */
            errors: components["schemas"]["DocumentProblem"][];
            /** @description One entry for each group and root element. */
            groups: components["schemas"]["PreviewGroup"][];
            /** @description The tables with their first rows. */
            tables: components["schemas"]["PreviewTable"][];
            /** @description What would be done otherwise than asked. */
            warnings: components["schemas"]["WarningReport"][];
        };
        /** @description How documents of one group with one root element would be read. */
        PreviewGroup: {
            /** @description What else may be given as `record`, with the rows it would give. */
            alternatives: Record<string, never>[];
            /**
             * Format: int64
             * @description Its documents.
             */
            documents: number;
            /** @description The group. */
            group: string;
            /** @description The layout that would be used. */
            layout: string;
            /** @description The record that was found. */
            record: Record<string, never>;
        };
        /** @description One table. */
        PreviewTable: {
            /** @description Its columns. */
            columns: components["schemas"]["ColumnReport"][];
            /** @description The group whose documents it would hold. */
            group: string;
            /** @description Its name. */
            name: string;
            /** @description The table and column that `_parent` points to. */
            parent?: Record<string, never> | null;
            /** @description The broken document whose rows these are, as far as they are complete before its fault. It would not be converted. */
            partial?: string | null;
            /** @description The column that tells rows apart. */
            primary_key?: string | null;
            /** @description Its first rows; a cell is text, or null where there is none. Cells of long texts are whole. */
            rows: (string | null)[][];
            /**
             * Format: int64
             * @description How many rows there would be.
             */
            rows_estimate: number;
            /** @description The path of the element that makes a row. */
            source_path: string;
        };
        /** @description How far a job is. Counts what was done, never an estimate. */
        Progress: {
            /**
             * Format: int64
             * @description Source bytes read so far.
             * @default 0
             */
            bytes_done: number;
            /**
             * Format: int64
             * @description Source bytes in all.
             * @default 0
             */
            bytes_total: number;
            /**
             * Format: int64
             * @description Documents finished so far.
             * @default 0
             */
            documents_done: number;
            /**
             * Format: int64
             * @description Documents in all; of an upload those found so far.
             * @default 0
             */
            documents_total: number;
            /**
             * Format: int64
             * @description Rows written so far.
             * @default 0
             */
            rows: number;
        };
        QueryBody: {
            format?: components["schemas"]["ResultFormat"];
            /** @description Rows at most. */
            limit?: number | null;
            /** @description One SELECT over the session's tables. */
            sql: string;
        };
        QuestionBody: {
            conversation_id?: components["schemas"]["ConversationId"] | null;
            id?: components["schemas"]["MessageId"] | null;
            instead_of?: components["schemas"]["MessageId"] | null;
            /** @description What you ask. */
            message: string;
            parent_id?: components["schemas"]["MessageId"] | null;
            /** @description Answer with server-sent events, as `Accept: text/event-stream` asks for too. */
            stream?: boolean;
            /** @description Answer from these tables only. */
            tables?: string[];
        };
        ReadyBody: {
            dependencies: components["schemas"]["DependencyBody"][];
            history: components["schemas"]["HistoryBody"];
            /** @description `ready`, `degraded` (works on without an optional dependency) or `unavailable`. */
            status: string;
        };
        /** @description What went. All zero when there was nothing left. */
        RemovedBody: {
            /** Format: int64 */
            bytes: number;
            /** Format: int64 */
            cache_entries: number;
            /**
             * Format: int64
             * @description Conversations that waited for the database and were written; they stay, for the next session.
             */
            conversations_flushed: number;
            /** Format: int64 */
            files: number;
            /** Format: int64 */
            refresh_tokens: number;
            /** Format: int64 */
            sessions: number;
            /**
             * Format: int64
             * @description Conversations that were to be kept nowhere.
             */
            temporary_conversations: number;
        };
        RenameBody: {
            /** @description What to call it; at most 200 characters are kept. */
            title: string;
        };
        ResultBody: {
            columns: string[];
            /** Format: int64 */
            elapsed_ms: number;
            /** @description A value for each column. */
            rows: unknown[][];
            /** @description Whether a limit cut the result. */
            truncated: boolean;
        };
        /** @enum {string} */
        ResultFormat: "json" | "csv";
        /**
         * @description What an account may do.
         * @enum {string}
         */
        Role: "user" | "admin";
        RowBody: {
            /** @description The cells that differ; of a row that was added or removed, all that are not empty. */
            cells: components["schemas"]["CellBody"][];
            change: components["schemas"]["Change"];
            /** @description The key's columns and their values. */
            key: Record<string, never>;
            /**
             * Format: int64
             * @description The row's number in the left table; null if it was added.
             */
            left_row?: number | null;
            /**
             * Format: int64
             * @description The row's number in the right table; null if it was removed.
             */
            right_row?: number | null;
        };
        SessionBody: {
            created_at: components["schemas"]["Timestamp"];
            /** @description When the session ends if nothing more is heard of it. */
            expires_at: components["schemas"]["Timestamp"];
            id: components["schemas"]["SessionId"];
        };
        /**
         * Format: uuid
         * @description One login and everything that belongs to it; also the family of its refresh tokens.
         */
        SessionId: string;
        /** @description Where a figure of an earlier answer came from. */
        Source: {
            /** @description What stood there. */
            excerpt: string;
            /** @description The statement, or the row of a table. */
            from: string;
        };
        /**
         * @description Who says it.
         * @enum {string}
         */
        Speaker: "user" | "assistant" | "system" | "tool";
        /** @description A job that goes on after the answer. */
        StartedBody: {
            job_id: components["schemas"]["JobId"];
            status_url: string;
        };
        StatsBody: {
            /** Format: int64 */
            accounts: number;
            cache: components["schemas"]["CacheBody"];
            /** Format: int64 */
            file_bytes: number;
            /** @description Number of jobs by state. */
            jobs: Record<string, never>;
            /** Format: int64 */
            open_sessions: number;
        };
        /** @description What was said before, in short. */
        Summary: {
            /** @description Where its figures come from. */
            sources: components["schemas"]["Source"][];
            /** @description In short, each figure with its source. */
            text: string;
            /** @description The last message that it sums up; the first is that of the conversation. */
            until: components["schemas"]["MessageId"];
        };
        /** @description A conversation in a list. */
        SummaryBody: {
            created_at: components["schemas"]["Timestamp"];
            id: components["schemas"]["ConversationId"];
            /** @description Null until it has a name. */
            title?: string | null;
            /** @description When something was last said in it. */
            updated_at: components["schemas"]["Timestamp"];
        };
        /** @description A table with one page of its rows. */
        TableBody: components["schemas"]["TableReport"] & {
            /** @description Rows of this page, a value for each column. */
            items: unknown[][];
            matching?: components["schemas"]["MatchingBody"] | null;
            next_cursor?: string | null;
        };
        /** @description What differs between two tables. */
        TableDifferencesBody: {
            /**
             * Format: int64
             * @description Rows on the right side only.
             */
            added: number;
            /**
             * Format: int64
             * @description Rows of both sides with a cell that is not the same.
             */
            changed: number;
            /** @description Columns that only the left table has; they are not compared. */
            columns_only_left: string[];
            /** @description Columns that only the right table has; they are not compared. */
            columns_only_right: string[];
            /** @description The columns that tell rows apart; `parent.column` is one of the parent row. */
            key: string[];
            /** @description The table on the left side; null if that side has none. */
            left?: string | null;
            matched_by: components["schemas"]["MatchedByBody"];
            /**
             * Format: int64
             * @description Rows on the left side only.
             */
            removed: number;
            /** @description The table on the right side; null if that side has none. */
            right?: string | null;
            /** @description The first rows that differ, in order of the key. */
            rows: components["schemas"]["RowBody"][];
            /** @description Whether there are more. */
            truncated: boolean;
            /**
             * Format: int64
             * @description Rows that are the same on both sides.
             */
            unchanged: number;
        };
        /** @description One table. */
        TableReport: {
            /**
             * Format: int64
             * @description Size of the file.
             */
            bytes: number;
            /** @description Its columns in order. */
            columns: components["schemas"]["ColumnReport"][];
            /** @description The file's format. */
            format: string;
            /** @description The group whose documents it holds. */
            group: string;
            /** @description Its name, in SQL too. */
            name: string;
            /** @description The table and column that `_parent` points to. */
            parent?: Record<string, never> | null;
            /** @description Its file, area first: `output/ORDERS/line.csv`. */
            path: string;
            /** @description The column that tells rows apart. */
            primary_key?: string | null;
            /**
             * Format: int64
             * @description How many rows it has.
             */
            rows: number;
            /** @description The path of the element that makes a row. */
            source_path: string;
        };
        /** @description The tables of the last conversion. */
        TablesBody: {
            items: components["schemas"]["TableReport"][];
            /** @description Always null: all tables are in one answer. */
            next_cursor?: string | null;
            /** @description Uploads that were removed, or have other bytes, since they were converted: the tables still have their rows as they were. Convert again. */
            outdated: string[];
        };
        /** @description Where the bytes go, and by what the upload is completed then. */
        TicketBody: {
            /** @description When address and ticket stop to hold. */
            expires_at: components["schemas"]["Timestamp"];
            /** @description Headers to send with the bytes. */
            headers: {
                [key: string]: string;
            };
            /** @description `PUT`. */
            method: string;
            /** @description Names the upload in `/api/upload/tickets/{ticket}/complete`. */
            ticket: string;
            /**
             * @description Takes the bytes as the body, from whoever knows it: no token is needed, and none to be sent. Where it is of the service itself, `HEAD` tells
             *     how many bytes have arrived, and `PATCH` sends the rest. Of Blob Storage it takes 5,000 MiB at once; more goes there in blocks (Put Block,
             *     Put Block List).
             */
            upload_url: string;
        };
        /** @description A file that is to come. */
        TicketRequest: {
            /**
             * Format: int64
             * @description Its size in bytes.
             */
            bytes: number;
            /** @description Its name; folders in it are kept. */
            name: string;
        };
        /**
         * Format: date-time
         * @description A point in time with millisecond precision.
         */
        Timestamp: string;
        /** @description A form with one or more parts named `file`. */
        UploadForm: {
            file: string[];
        };
        /**
         * Format: uuid
         * @description One uploaded file.
         */
        UploadId: string;
        /**
         * @description What an uploaded file turned out to be.
         * @enum {string}
         */
        UploadKind: "xml" | "zip" | "other";
        /** @description What came of one request's files. */
        UploadReport: {
            /**
             * Format: int64
             * @description Documents that can be converted.
             */
            documents: number;
            /** @description The files. */
            files: components["schemas"]["UploadedFile"][];
            /** @description Their groups, by name. */
            groups: components["schemas"]["GroupSummary"][];
            /** @description What cannot be converted, and why. */
            rejected: components["schemas"]["DocumentProblem"][];
        };
        /** @description One file as it was taken in. */
        UploadedFile: {
            /**
             * Format: int64
             * @description Size in bytes.
             */
            bytes: number;
            /** @description Identity of the upload. */
            id: components["schemas"]["UploadId"];
            /** @description What it is. */
            kind: components["schemas"]["UploadKind"];
            /** @description Its name. */
            name: string;
            /** @description SHA-256 in hexadecimal. */
            sha256: string;
        };
        UserBody: {
            id: components["schemas"]["UserId"];
            role: components["schemas"]["Role"];
            username: string;
        };
        /**
         * Format: uuid
         * @description A person's account.
         */
        UserId: string;
        /** @description Something that was done otherwise than asked. */
        WarningReport: {
            /** @description The kind. */
            code: string;
            /**
             * Format: int64
             * @description How often.
             */
            count: number;
            /** @description What was done instead, and why. */
            detail: string;
            /** @description The group it is about. */
            file: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "get /api/admin/audit": {
        parameters: {
            query?: {
                /** @description Entries of this action only. */
                action?: components["schemas"]["AuditAction"];
                /** @description Entries of what this account did only. */
                actor?: components["schemas"]["UserId"];
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_AuditEntry"];
                };
            };
            /** @description `invalid_parameter` */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/admin/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CleanupReport"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/admin/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLettersBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/admin/flush": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlushBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/admin/jobs": {
        parameters: {
            query?: {
                /** @description Jobs in this state only. */
                state?: components["schemas"]["JobState"];
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_AnyJobBody"];
                };
            };
            /** @description `invalid_parameter` */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/admin/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description its worker will stop within a second or two */
            202: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description cancelled, or it had ended before */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/admin/sessions": {
        parameters: {
            query?: {
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_OpenSessionBody"];
                };
            };
            /** @description `invalid_parameter` */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/admin/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ended */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: no such session is open */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/admin/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatsBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/admin/usage": {
        parameters: {
            query?: {
                /** @description Of this account only. */
                user?: components["schemas"]["UserId"];
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_DayOfUsage"];
                };
            };
            /** @description `invalid_parameter` */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/admin/users": {
        parameters: {
            query?: {
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_AccountBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccountBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `username_taken` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_account` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description removed */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `last_admin` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "patch /api/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `last_admin` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_account` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_credentials` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: too many failed logins */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogoutBody"];
                };
            };
            /** @description `not_signed_in`: no token of a session was sent */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordBody"];
            };
        };
        responses: {
            /** @description changed */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_credentials` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `weak_password` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantBody"];
                };
            };
            /** @description `invalid_refresh_token` or `refresh_token_reused` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/auth/usage": {
        parameters: {
            query?: {
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_DayOfUsage"];
                };
            };
            /** @description `invalid_parameter` */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuestionBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswerBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: no such conversation */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `message_exists`, `temporary_full` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `message_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `too_many_answers` */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `model_unavailable` or `unavailable` */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompareBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComparisonBody"];
                };
            };
            /** @description `invalid_parameter`: a column that is not there, or a key that does not tell rows apart */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: there is no such table, upload, document or group */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `sql_timeout` */
            408: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `nothing_converted` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/conversations": {
        parameters: {
            query?: {
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /**
                 * @description Words: conversations with a title or a message in which each is the beginning of a word. Capitals and accents do not count. Signs
                 *     without a word are found nowhere.
                 */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_SummaryBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversationBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `durable`, `journaled` (in two other places until the database is back) or `temporary` */
                    "x-durability"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `temporary_full` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/conversations/flush": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlushBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/conversations/{id}": {
        parameters: {
            query?: {
                /** @description The last message that the reader has seen: it is in the answer, if it is in the conversation. */
                seen?: components["schemas"]["MessageId"];
            };
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description deleted */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `durable`, `journaled` (in two other places until the database is back) or `temporary` */
                    "x-durability"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "patch /api/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameBody"];
            };
        };
        responses: {
            /** @description named */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `durable`, `journaled` (in two other places until the database is back) or `temporary` */
                    "x-durability"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `temporary_full` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/conversations/{id}/export": {
        parameters: {
            query?: {
                /** @description `md`: the last branch, to be read; `json`: everything. */
                format?: string;
            };
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file */
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessageBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `durable`, `journaled` (in two other places until the database is back) or `temporary` */
                    "x-durability"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `message_exists`, `temporary_full` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `message_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unknown_parent` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/conversations/{id}/messages/{message}/events": {
        parameters: {
            query?: never;
            header?: {
                /** @description the last event that was received */
                "last-event-id"?: string | null;
            };
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
                /** @description the answer */
                message: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `invalid_parameter`: `Last-Event-ID` is the id of no event */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "put /api/conversations/{id}/messages/{message}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
                /** @description the message */
                message: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description kept */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `durable`, `journaled` (in two other places until the database is back) or `temporary` */
                    "x-durability"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `temporary_full` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `message_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/conversations/{id}/messages/{message}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the conversation */
                id: components["schemas"]["ConversationId"];
                /** @description the answer */
                message: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description it ends within a second or two, if it has not ended */
            202: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/convert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConvertRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            202: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `nothing_to_convert`, `unknown_documents` or `format_unavailable` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/convert/formats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FormatsBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/convert/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConvertRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `nothing_to_convert`, `unknown_documents` or `conversion_impossible` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
        };
    };
    "get /api/documents": {
        parameters: {
            query?: {
                /** @description Documents of this group only. */
                group?: string;
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_DocumentBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/download": {
        parameters: {
            query?: {
                /** @description Names of tables, separated by commas; all if not given. */
                tables?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": number[];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: there are no tables, or none of those names */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `nothing_converted` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/files": {
        parameters: {
            query?: {
                /** @description Files of this area only. */
                area?: components["schemas"]["Area"];
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_FileBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/files/{area}/{path}": {
        parameters: {
            query?: {
                /** @description The first so many rows of a table as JSON instead of the file, 1 to 1000. */
                preview?: number;
            };
            header?: never;
            path: {
                /** @description input, extracted or output */
                area: components["schemas"]["Area"];
                /** @description the file's path; may contain slashes */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description the range asked for */
            206: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description not modified */
            304: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `range_not_satisfiable` */
            416: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/files/{area}/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description input, extracted or output */
                area: components["schemas"]["Area"];
                /** @description the file's path; may contain slashes */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description removed */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthBody"];
                };
            };
        };
    };
    "get /api/jobs": {
        parameters: {
            query?: {
                /** @description Items of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage_Job"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description its worker will stop within a second or two */
            202: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description cancelled, or it had ended before */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogoutBody"];
                };
            };
            /** @description `not_signed_in`: no token of a session was sent */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `method_not_allowed`, always: the protocol's streams are not there */
            405: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description a JSON-RPC response */
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description a notification was taken */
            202: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description a JSON-RPC error without an id: not a message of the protocol, or of a version that is not known */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `origin_not_allowed` */
            403: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description a JSON-RPC error without an id: see `Accept` */
            406: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `method_not_allowed`, always: the protocol's sessions are not there */
            405: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `admin_only` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /api/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyBody"];
                };
            };
            503: {
                headers: {
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyBody"];
                };
            };
        };
    };
    "get /api/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TablesBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/tables/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueryBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResultBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `sql_timeout` */
            408: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `nothing_converted` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `body_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `sql_rejected` or `sql_failed` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: other statements of yours are running */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: so are too many of others */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/tables/search": {
        parameters: {
            query: {
                /** @description Words; case and accents do not count, and the last word may be a beginning. */
                q: string;
                /** @description Only this table. */
                table?: string;
                /** @description Only tables of this group. */
                group?: string;
                /** @description Rows at most, 1 to 100; 20 if not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found`: there is no such table or group */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `nothing_converted` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: other statements of yours are running */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: so are too many of others */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /api/tables/{table}": {
        parameters: {
            query?: {
                /** @description Rows of a page, 1 to 1000; 100 if not given. */
                limit?: number;
                /** @description `next_cursor` of the page before. It is the number of rows before the page, of whatever order and conditions are asked for with it. */
                cursor?: string;
                /** @description A column's name; with `-` in front the greatest come first. */
                sort?: string;
                /**
                 * @description Conditions that all hold, separated by `;`: a column, one of `=`, `!=`, `<`, `<=`, `>`, `>=` or `~` (contains), and a value.
                 *     It is percent-encoded as any parameter is: `price>=10;name~ink` is sent as `price%3E%3D10%3Bname~ink`. A value has no `;` in it, for that
                 *     begins the next condition.
                 */
                filter?: string;
                /** @description `true` tells how many rows fit the conditions. */
                count?: boolean;
            };
            header?: never;
            path: {
                /** @description the table's name */
                table: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TableBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: other statements of yours are running */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: so are too many of others */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UploadForm"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadReport"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `upload_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `no_documents`, `empty_upload` or `invalid_file_name` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/upload/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TicketRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TicketBody"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `upload_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `empty_upload` or `invalid_file_name` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /api/upload/tickets/{ticket}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the ticket */
                ticket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadReport"];
                };
            };
            202: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedBody"];
                };
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `content_missing`: not all bytes have arrived; `upload_cancelled` or `path_taken` */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_expired` */
            410: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `no_documents` or `content_size_mismatch` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "put /api/upload/tickets/{ticket}/content": {
        parameters: {
            query: {
                /** @description Lets the bytes in; part of `upload_url`. */
                signature: string;
            };
            header?: never;
            path: {
                /** @description the ticket */
                ticket: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            /** @description stored; complete the ticket now */
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_completed`, or `content_in_use`: a later request sends the bytes */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_expired` */
            410: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `content_size_mismatch` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /api/upload/tickets/{ticket}/content": {
        parameters: {
            query: {
                /** @description Lets the bytes in; part of `upload_url`. */
                signature: string;
            };
            header?: never;
            path: {
                /** @description the ticket */
                ticket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description nothing is left of them; the ticket may be used again */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_completed`, or `content_in_use`: a later request sends the bytes */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_expired` */
            410: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "head /api/upload/tickets/{ticket}/content": {
        parameters: {
            query: {
                /** @description Lets the bytes in; part of `upload_url`. */
                signature: string;
            };
            header?: never;
            path: {
                /** @description the ticket */
                ticket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `PATCH` goes on behind them, or the ticket can be completed */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `?1` if these are all, else `?0`. */
                    "Upload-Complete"?: string;
                    /** @description So many bytes the ticket is for. */
                    "Upload-Length"?: number;
                    /** @description `max-age` is the seconds for which the ticket still holds. */
                    "Upload-Limit"?: string;
                    /** @description So many bytes have arrived. */
                    "Upload-Offset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_expired` */
            410: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "patch /api/upload/tickets/{ticket}/content": {
        parameters: {
            query: {
                /** @description Lets the bytes in; part of `upload_url`. */
                signature: string;
            };
            header: {
                /** @description how many bytes are to have arrived before */
                "Upload-Offset": number;
            };
            path: {
                /** @description the ticket */
                ticket: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/partial-upload": number[];
            };
        };
        responses: {
            /** @description all bytes are stored; complete the ticket now */
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description stored; `Upload-Offset` says how many bytes have arrived */
            204: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description `?1` if these are all, else `?0`. */
                    "Upload-Complete"?: string;
                    /** @description So many bytes have arrived. */
                    "Upload-Offset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_found` */
            404: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `content_offset_mismatch`: `Upload-Offset` says how many bytes have arrived; `ticket_completed`, or `content_in_use`: a later request sends the bytes */
            409: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `ticket_expired` */
            410: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unsupported_media_type` */
            415: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `content_size_mismatch`: more bytes than are missing; none of this request is kept */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "put /api/upload/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the file's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadReport"];
                };
            };
            /** @description `invalid_parameter` or `invalid_body`: the detail names the parameter or the member */
            400: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not_signed_in` */
            401: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `upload_too_large` */
            413: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `no_documents`, `empty_upload` or `invalid_file_name` */
            422: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `rate_limited`: `Retry-After` says how long to wait */
            429: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unavailable`: `Retry-After` says when to try again */
            503: {
                headers: {
                    /** @description Requests that your address has in a minute. */
                    "RateLimit-Limit"?: number;
                    /** @description Those that are left. */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until there are more. */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth another try. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
