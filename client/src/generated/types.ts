// Generated from openapi.yaml by `npm run generate`; changes here are lost.

export interface components {
    schemas: {
        /**
         * @description The process answers.
         * @example {
         *       "status": "ok"
         *     }
         */
        Alive: {
            /** @enum {string} */
            status: "ok";
        };
        /**
         * @description A tool as Anthropic takes it.
         * @example {
         *       "name": "uptime_monitors_get",
         *       "description": "Read a monitor. Without its secrets. Only reads. The token needs the scope monitors:read.",
         *       "input_schema": {
         *         "type": "object",
         *         "properties": {
         *           "id": {
         *             "type": "integer",
         *             "minimum": 1,
         *             "maximum": 2147483647,
         *             "description": "The id of the monitor."
         *           }
         *         },
         *         "required": [
         *           "id"
         *         ],
         *         "additionalProperties": false
         *       }
         *     }
         */
        AnthropicTool: {
            name: string;
            description: string;
            input_schema: components["schemas"]["JsonSchema"];
        };
        /**
         * @description Who did what, from where.
         * @example {
         *       "id": 1042,
         *       "createdAt": "2026-05-13T18:00:00.000Z",
         *       "actorUserId": 7,
         *       "actorPatId": 42,
         *       "actorEmail": "ada@example.com",
         *       "action": "UPDATE_MONITOR",
         *       "resource": "monitor:3",
         *       "meta": {
         *         "ip": "203.0.113.9",
         *         "ua": "curl/8.5.0",
         *         "changedFields": [
         *           "alertWebhookUrl",
         *           "intervalSec"
         *         ],
         *         "diff": {
         *           "alertWebhookUrl": {
         *             "redacted": true
         *           },
         *           "intervalSec": {
         *             "from": 300,
         *             "to": 60
         *           }
         *         }
         *       }
         *     }
         */
        AuditLog: {
            id: number;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
            /** @description `null`: the service itself, or nobody it knows. */
            actorUserId: number | null;
            /** @description The token that was used; `null`: a session. */
            actorPatId: number | null;
            actorEmail: string | null;
            action: string;
            /** @description `kind:id` */
            resource: string;
            /** @description Always `ip` and `ua`. An update has `changedFields` and `diff`, in which secrets are `{"redacted":true}`; a deletion has `snapshot`. */
            meta: {
                [key: string]: string | number | boolean | null | unknown[] | {
                    [key: string]: unknown;
                };
            };
        };
        /**
         * @description Whether the audit log is what was written.
         * @example {
         *       "ok": true,
         *       "checked": 1042,
         *       "sealedThrough": "2026-05-13T18:00:00.000Z",
         *       "unsealed": 2,
         *       "firstBreak": null,
         *       "head": {
         *         "position": 1042,
         *         "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *       }
         *     }
         */
        AuditVerification: {
            /** @description Nothing that was sealed has been changed, removed or added to. */
            ok: boolean;
            /** @description How many sealed rows were looked at. */
            checked: number;
            /**
             * Format: date-time
             * @description The time of the newest sealed row.
             * @example 2026-05-13T18:00:00.000Z
             */
            sealedThrough: string | null;
            /** @description Rows that wait for their seal; normally those of the last seconds. */
            unsealed: number;
            firstBreak: {
                /** @description Its place in the chain, where it has one. */
                position: number | null;
                auditLogId: number | null;
                /**
                 * @description HEAD_CHANGED: the chain has another hash where `expectedHead` names one, or ends before it.
                 * @enum {string}
                 */
                reason: "ROW_CHANGED" | "ROW_MISSING" | "ROW_NOT_SEALED" | "SEAL_MISSING" | "HEAD_CHANGED";
            } | null;
            /** @description The end of the chain. Keep it elsewhere: it proves later that nothing was cut off. */
            head: {
                position: number;
                hash: string;
            } | null;
        };
        /**
         * @description What one check found.
         * @example {
         *       "id": 90210,
         *       "checkedAt": "2026-05-13T18:01:00.000Z",
         *       "status": "down",
         *       "responseTimeMs": null,
         *       "statusCode": 503,
         *       "errorMessage": "answered with status 503",
         *       "region": "local",
         *       "inMaintenance": false,
         *       "cursor": "1778695260000000-90210"
         *     }
         */
        Check: {
            id: number;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            checkedAt: string;
            /** @enum {string} */
            status: "up" | "degraded" | "down";
            /** @description `null`: there was no answer to time. */
            responseTimeMs: number | null;
            /** @description Of HTTP; `null` for other types and without an answer. */
            statusCode: number | null;
            errorMessage: string | null;
            /** @description Where it was checked from. */
            region: string;
            /** @description Whether it counts for nothing, because a window covered it. */
            inMaintenance: boolean;
            /** @description What comes after this check begins `before` it. */
            cursor: string;
        };
        /**
         * @description One thing the service stands on.
         * @example {
         *       "status": "ok",
         *       "detail": "postgres"
         *     }
         */
        Dependency: {
            /** @enum {string} */
            status: "ok" | "degraded" | "unavailable";
            detail?: string;
        };
        /**
         * @description The URL of an alert channel is, or resolves to, an address of a private, local or otherwise special network. Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.
         * @example {
         *       "error": "This alert URL must not be called from here",
         *       "code": "ALERT_URL_BLOCKED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorAlertUrlBlocked: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ALERT_URL_BLOCKED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The URL of an alert channel cannot be read, or is neither http nor https. Send a full URL such as https://hooks.example.com/path.
         * @example {
         *       "error": "This alert URL is not a usable http(s) address",
         *       "code": "ALERT_URL_INVALID",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorAlertUrlInvalid: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ALERT_URL_INVALID";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The body is truncated, corrupt, or not in the format that Content-Encoding names. Send gzip, deflate or br as Content-Encoding says, or send the body as it is.
         * @example {
         *       "error": "The compressed body could not be unpacked",
         *       "code": "BAD_COMPRESSED_BODY",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorBadCompressedBody: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "BAD_COMPRESSED_BODY";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The body could not be read as JSON in UTF-8. Send one JSON value and nothing else.
         * @example {
         *       "error": "The body is not valid JSON",
         *       "code": "BAD_JSON",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorBadJson: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "BAD_JSON";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The asked range of time ends before it begins. Swap or correct `from` and `to`.
         * @example {
         *       "error": "`from` must not be after `to`",
         *       "code": "BAD_TIME_RANGE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorBadTimeRange: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "BAD_TIME_RANGE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description Every code that an error may carry. New ones may be added; none is ever renamed or reused.
         * @example NOT_FOUND
         * @enum {string}
         */
        ErrorCode: "ALERT_URL_BLOCKED" | "ALERT_URL_INVALID" | "BAD_COMPRESSED_BODY" | "BAD_JSON" | "BAD_TIME_RANGE" | "CROSS_ORIGIN_REFUSED" | "IDEMPOTENCY_IN_PROGRESS" | "IDEMPOTENCY_KEY_REPLAY_CONFLICT" | "IDEMPOTENCY_KEY_TOO_LONG" | "INCIDENT_ALREADY_RESOLVED" | "INTERNAL" | "INVALID_CREDENTIALS" | "INVALID_TOKEN" | "METHOD_NOT_ALLOWED" | "MONITOR_NAME_DUPLICATE" | "MONITOR_TARGET_UNSAFE" | "NOT_FOUND" | "PASSWORD_NOT_SET" | "PASSWORD_TOO_WEAK" | "PAT_DAILY_LIMIT_EXCEEDED" | "PAT_GRANT_EXCEEDED" | "PAT_SCOPE_INSUFFICIENT" | "PAYLOAD_TOO_LARGE" | "PLAN_INTERVAL_TOO_LOW" | "PLAN_LIMIT_MONITORS" | "PRECONDITION_FAILED" | "RATE_LIMITED" | "REGION_KEY_INVALID" | "REGISTRATION_BLOCKED" | "RESET_TOKEN_INVALID" | "ROLE_INSUFFICIENT" | "SERVICE_UNAVAILABLE" | "SESSION_REQUIRED" | "SOLE_OWNER" | "STATUS_PAGE_DOMAIN_TAKEN" | "STATUS_PAGE_PASSWORD_INVALID" | "STATUS_PAGE_PASSWORD_REQUIRED" | "STATUS_PAGE_SLUG_TAKEN" | "UNAUTHORIZED" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED" | "WEBHOOK_URL_UNRESOLVABLE" | "WEBHOOK_URL_UNSAFE";
        /**
         * @description A change was asked for with the session cookie from a page of another origin. Send the session as a bearer token, or call from the service’s own origin.
         * @example {
         *       "error": "This request did not come from this site",
         *       "code": "CROSS_ORIGIN_REFUSED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorCrossOriginRefused: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "CROSS_ORIGIN_REFUSED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description One error code: what it means and what to do.
         * @example {
         *       "code": "NOT_FOUND",
         *       "status": 404,
         *       "message": "Not found",
         *       "meaning": "There is no such thing, or it belongs to another organization.",
         *       "remedy": "Check the id and the organization of the credential.",
         *       "retry": "never",
         *       "operations": [
         *         "platform.tokens.delete"
         *       ]
         *     }
         */
        ErrorDescription: {
            code: string;
            status: number;
            message: string;
            meaning: string;
            remedy: string;
            /** @enum {string} */
            retry: "never" | "later" | "same-key";
            /** @description The ids of the operations that may answer with it. */
            operations: string[];
        };
        /**
         * @description One fault in the request.
         * @example {
         *       "path": "name",
         *       "code": "too_small",
         *       "message": "Must have at least 1 character"
         *     }
         */
        ErrorField: {
            /** @description Where, with dots; empty for the body as a whole. */
            path: string;
            /** @description The kind of fault. */
            code: string;
            /** @description For people. It may change. */
            message: string;
        };
        /**
         * @description The first request with this key has not finished yet. Wait a moment and send the same request with the same key again.
         * @example {
         *       "error": "A request with this Idempotency-Key is still running",
         *       "code": "IDEMPOTENCY_IN_PROGRESS",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorIdempotencyInProgress: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "IDEMPOTENCY_IN_PROGRESS";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The key was used within the last 24 hours with another method, path or body. Use a fresh key for each new request.
         * @example {
         *       "error": "This Idempotency-Key was used for another request",
         *       "code": "IDEMPOTENCY_KEY_REPLAY_CONFLICT",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorIdempotencyKeyReplayConflict: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "IDEMPOTENCY_KEY_REPLAY_CONFLICT";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The Idempotency-Key header is empty, longer than 255 characters, or not printable. Use a UUID.
         * @example {
         *       "error": "The Idempotency-Key must be 1 to 255 printable characters",
         *       "code": "IDEMPOTENCY_KEY_TOO_LONG",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorIdempotencyKeyTooLong: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "IDEMPOTENCY_KEY_TOO_LONG";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description A resolved incident cannot be acknowledged or moved to another status. Leave it, or write its postmortem.
         * @example {
         *       "error": "The incident is resolved already",
         *       "code": "INCIDENT_ALREADY_RESOLVED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorIncidentAlreadyResolved: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INCIDENT_ALREADY_RESOLVED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description An unexpected fault. The log holds the details under the request id. Try again; if it stays, give the operator the request id.
         * @example {
         *       "error": "Something went wrong on our side",
         *       "code": "INTERNAL",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorInternal: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "INTERNAL";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description No account has this e-mail and password together. Try again, or ask for a password reset.
         * @example {
         *       "error": "Wrong e-mail or password",
         *       "code": "INVALID_CREDENTIALS",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorInvalidCredentials: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INVALID_CREDENTIALS";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The credential is malformed, unknown, expired or revoked, or its owner has left. Which, is not told. Mint a new token, or sign in again.
         * @example {
         *       "error": "Invalid token",
         *       "code": "INVALID_TOKEN",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorInvalidToken: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INVALID_TOKEN";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The path exists, but not with this method. The Allow header lists the methods. Use one of the methods in Allow.
         * @example {
         *       "error": "Method not allowed",
         *       "code": "METHOD_NOT_ALLOWED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorMethodNotAllowed: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "METHOD_NOT_ALLOWED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description Names of monitors are unique in an organization. The message names the clash. Choose another name, or change the existing monitor.
         * @example {
         *       "error": "A monitor with this name exists already",
         *       "code": "MONITOR_NAME_DUPLICATE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorMonitorNameDuplicate: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "MONITOR_NAME_DUPLICATE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The target is, or resolves to, an address of a private, local or otherwise special network. Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.
         * @example {
         *       "error": "This target must not be monitored from here",
         *       "code": "MONITOR_TARGET_UNSAFE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorMonitorTargetUnsafe: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "MONITOR_TARGET_UNSAFE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description There is no such thing, or it belongs to another organization. Check the id and the organization of the credential.
         * @example {
         *       "error": "Not found",
         *       "code": "NOT_FOUND",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorNotFound: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "NOT_FOUND";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description There is no current password to change. Set one with the password reset flow.
         * @example {
         *       "error": "This account has no password yet",
         *       "code": "PASSWORD_NOT_SET",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPasswordNotSet: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PASSWORD_NOT_SET";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The password is on the list of common ones, or is made of the account’s own words. Choose another one; a phrase of several words is best.
         * @example {
         *       "error": "This password is too easy to guess",
         *       "code": "PASSWORD_TOO_WEAK",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPasswordTooWeak: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PASSWORD_TOO_WEAK";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The token, or one that it comes from, has reached its daily cap of mutations or of log bytes. Wait until 00:00 UTC (Retry-After), or use a token with a higher cap.
         * @example {
         *       "error": "The daily limit of this token is used up",
         *       "code": "PAT_DAILY_LIMIT_EXCEEDED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPatDailyLimitExceeded: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAT_DAILY_LIMIT_EXCEEDED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The new token would have a higher daily cap or a longer life than the token that mints it. Ask for at most the caps and the expiry of the minting token, or leave them out to inherit them.
         * @example {
         *       "error": "A token cannot grant more than it has",
         *       "code": "PAT_GRANT_EXCEEDED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPatGrantExceeded: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAT_GRANT_EXCEEDED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The token does not carry the scope that the operation asks for. The message names it. Use or mint a token with that scope.
         * @example {
         *       "error": "The token lacks a scope",
         *       "code": "PAT_SCOPE_INSUFFICIENT",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPatScopeInsufficient: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAT_SCOPE_INSUFFICIENT";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The body, as sent or unpacked, is over the limit of the operation. Send less at once.
         * @example {
         *       "error": "The body is too large",
         *       "code": "PAYLOAD_TOO_LARGE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPayloadTooLarge: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "PAYLOAD_TOO_LARGE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description `intervalSec` is one of the allowed values but below the floor of the organization’s plan. Use at least `quota.minIntervalSec` of GET /api/v1/me, or change the plan.
         * @example {
         *       "error": "The plan does not allow an interval this short",
         *       "code": "PLAN_INTERVAL_TOO_LOW",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPlanIntervalTooLow: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PLAN_INTERVAL_TOO_LOW";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The organization has as many monitors as its plan allows, or the request would take it beyond. Delete monitors that are not needed, or change the plan.
         * @example {
         *       "error": "The plan does not allow more monitors",
         *       "code": "PLAN_LIMIT_MONITORS",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPlanLimitMonitors: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PLAN_LIMIT_MONITORS";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description If-Match names another version than the current one: somebody else was faster. Read it again, apply the change to what you find, and send that with the new ETag.
         * @example {
         *       "error": "It has changed since you read it",
         *       "code": "PRECONDITION_FAILED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorPreconditionFailed: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "PRECONDITION_FAILED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The rate limit of this address is used up. Wait for the seconds in Retry-After.
         * @example {
         *       "error": "Too many requests",
         *       "code": "RATE_LIMITED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorRateLimited: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "RATE_LIMITED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The key is unknown or was not used for an hour, or the credential that its agent began with has ended. Which, is not told. Begin anew: `POST /api/v1/regions/agents` gives another key.
         * @example {
         *       "error": "Invalid key of a region’s agent",
         *       "code": "REGION_KEY_INVALID",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorRegionKeyInvalid: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "REGION_KEY_INVALID";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description Sign-up is closed, the e-mail is in use, or too many sign-ups came from this address. Which, is not told. Sign in if you have an account; else try again later or ask the operator.
         * @example {
         *       "error": "This registration is not possible",
         *       "code": "REGISTRATION_BLOCKED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorRegistrationBlocked: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "REGISTRATION_BLOCKED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The password reset token is unknown, was used already, or is older than one hour. Ask for a new one with POST /api/v1/auth/forgot-password.
         * @example {
         *       "error": "This reset link is not valid any more",
         *       "code": "RESET_TOKEN_INVALID",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorResetTokenInvalid: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "RESET_TOKEN_INVALID";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The caller’s role in the organization is below the one that the operation asks for. Ask an owner or an admin of the organization.
         * @example {
         *       "error": "Your role does not allow this",
         *       "code": "ROLE_INSUFFICIENT",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorRoleInsufficient: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ROLE_INSUFFICIENT";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The database cannot be reached, the server is shutting down, or a queue is full. Try again after the seconds in Retry-After.
         * @example {
         *       "error": "The service is not available right now",
         *       "code": "SERVICE_UNAVAILABLE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorServiceUnavailable: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "SERVICE_UNAVAILABLE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The operation concerns the person, so it refuses tokens. Sign in with POST /api/v1/auth/login and use the session.
         * @example {
         *       "error": "This needs a signed-in session, not a token",
         *       "code": "SESSION_REQUIRED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorSessionRequired: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SESSION_REQUIRED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The change would leave the organization without an owner. Make somebody else an owner first.
         * @example {
         *       "error": "The only owner cannot step down",
         *       "code": "SOLE_OWNER",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorSoleOwner: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SOLE_OWNER";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description Another status page has this custom domain. Remove it there first.
         * @example {
         *       "error": "This domain is in use",
         *       "code": "STATUS_PAGE_DOMAIN_TAKEN",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorStatusPageDomainTaken: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "STATUS_PAGE_DOMAIN_TAKEN";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description This is not the password of the status page. Ask whoever runs the page.
         * @example {
         *       "error": "Wrong password",
         *       "code": "STATUS_PAGE_PASSWORD_INVALID",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorStatusPagePasswordInvalid: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "STATUS_PAGE_PASSWORD_INVALID";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The page is protected and the request carries no valid unlock token. Unlock it first and send the token as X-Status-Page-Token or as the cookie.
         * @example {
         *       "error": "This status page needs a password",
         *       "code": "STATUS_PAGE_PASSWORD_REQUIRED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorStatusPagePasswordRequired: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "STATUS_PAGE_PASSWORD_REQUIRED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description Slugs of status pages are unique on the whole service. Choose another slug.
         * @example {
         *       "error": "This slug is in use",
         *       "code": "STATUS_PAGE_SLUG_TAKEN",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorStatusPageSlugTaken: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "STATUS_PAGE_SLUG_TAKEN";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The operation needs a credential and the request carries none. Send `Authorization: Bearer …`, or sign in.
         * @example {
         *       "error": "Unauthorized",
         *       "code": "UNAUTHORIZED",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorUnauthorized: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "UNAUTHORIZED";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description Content-Type or Content-Encoding is missing or is none that the operation reads. Send `Content-Type: application/json`.
         * @example {
         *       "error": "The body must be application/json",
         *       "code": "UNSUPPORTED_MEDIA_TYPE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorUnsupportedMediaType: {
            /** @description For people. It may change. */
            error: string;
            /** @enum {string} */
            code: "UNSUPPORTED_MEDIA_TYPE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The path, the query or the body does not fit the document. `fields` names each fault. Correct the named fields. Unknown fields and unknown query keys count as faults.
         * @example {
         *       "error": "The request is not valid",
         *       "code": "VALIDATION_FAILED",
         *       "fields": [
         *         {
         *           "path": "name",
         *           "code": "too_small",
         *           "message": "Must have at least 1 character"
         *         }
         *       ],
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorValidationFailed: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "VALIDATION_FAILED";
            fields: components["schemas"]["ErrorField"][];
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The URL has no host, is neither http nor https, or its host does not resolve. Send a full URL whose host has an address.
         * @example {
         *       "error": "This webhook URL leads nowhere",
         *       "code": "WEBHOOK_URL_UNRESOLVABLE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorWebhookUrlUnresolvable: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "WEBHOOK_URL_UNRESOLVABLE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The URL of an event subscription is, or resolves to, an address of a private, local or special network. Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.
         * @example {
         *       "error": "This webhook URL must not be called from here",
         *       "code": "WEBHOOK_URL_UNSAFE",
         *       "requestId": "01JZ5Q6W8Y3T2R4V6X8Z0B2D4F"
         *     }
         */
        ErrorWebhookUrlUnsafe: {
            /** @description For people. It may change. */
            error: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "WEBHOOK_URL_UNSAFE";
            /** @description Also in the header X-Request-Id; the log knows it. */
            requestId: string;
        };
        /**
         * @description The new token, and the URL to call regularly.
         * @example {
         *       "id": 42,
         *       "heartbeatToken": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         *       "heartbeatUrl": "https://owlery.example.com/api/v1/heartbeats/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        HeartbeatTokenRotated: {
            id: number;
            heartbeatToken: string;
            heartbeatUrl: string;
        };
        /**
         * @description A time in which a monitor was not as it should be.
         * @example {
         *       "id": 7,
         *       "monitorId": 42,
         *       "logAlertId": null,
         *       "monitorName": "Shop",
         *       "title": "Shop is down",
         *       "status": "investigating",
         *       "severity": "major",
         *       "cause": "down",
         *       "errorMessage": "expected status 200, got 503",
         *       "suppressedById": null,
         *       "startedAt": "2026-05-13T18:00:00.000Z",
         *       "acknowledgedAt": null,
         *       "acknowledgedByUserId": null,
         *       "resolvedAt": null,
         *       "resolvedByUserId": null,
         *       "autoResolved": false,
         *       "postmortem": null,
         *       "postmortemPublishedAt": null,
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        Incident: {
            id: number;
            /** @description `null`: the monitor is deleted, or there was none. */
            monitorId: number | null;
            logAlertId: number | null;
            /** @description As the monitor was called when the incident opened. */
            monitorName: string;
            title: string;
            /** @enum {string} */
            status: "investigating" | "identified" | "monitoring" | "resolved";
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "none";
            /**
             * @description What opened it: bad checks, an uptime target that was missed, or an alert on logs. Degraded turns into down with the monitor, never back.
             * @enum {string}
             */
            cause: "down" | "degraded" | "slo" | "log_alert";
            /** @description What the check that opened it, or made it worse, found. */
            errorMessage: string | null;
            /** @description The incident of a monitor this one depends on: nobody is alerted twice for one failure. `null` again where that one is over and this one lasts on, which alerts after all. */
            suppressedById: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            startedAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            acknowledgedAt: string | null;
            acknowledgedByUserId: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            resolvedAt: string | null;
            resolvedByUserId: number | null;
            /** @description Whether a good check resolved it, rather than a person. */
            autoResolved: boolean;
            /** @description In Markdown. */
            postmortem: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            postmortemPublishedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description An alert that went, or shall go, through one channel.
         * @example {
         *       "id": 15,
         *       "channel": "slack",
         *       "transition": "opened",
         *       "status": "sent",
         *       "attempts": 1,
         *       "errorMessage": null,
         *       "createdAt": "2026-05-13T18:00:01.000Z",
         *       "finishedAt": "2026-05-13T18:00:02.000Z"
         *     }
         */
        IncidentDelivery: {
            id: number;
            /** @enum {string} */
            channel: "email" | "webhook" | "slack" | "discord" | "teams" | "telegram" | "pagerduty" | "opsgenie";
            /**
             * @description What the alert tells of.
             * @enum {string}
             */
            transition: "opened" | "resolved";
            /**
             * @description `suppressed`: held back because the failure was known already, or because the monitor is gone.
             * @enum {string}
             */
            status: "pending" | "sent" | "failed" | "suppressed";
            /** @description How often it was tried. After three failures it is over. */
            attempts: number;
            /** @description Why the last try failed. */
            errorMessage: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            finishedAt: string | null;
        };
        /**
         * @description A last word, if there is one to say.
         * @example {
         *       "body": "The rollback is done and the shop answers again."
         *     }
         */
        IncidentResolve: {
            /** @description For everybody: it appears on the status pages that show the monitor. */
            body?: string;
        };
        /**
         * @description What somebody wrote of an incident.
         * @example {
         *       "id": 9,
         *       "status": "identified",
         *       "body": "A deployment took the shop down; it is being rolled back.",
         *       "createdAt": "2026-05-13T18:05:00.000Z",
         *       "authorUserId": 3
         *     }
         */
        IncidentUpdate: {
            id: number;
            /** @enum {string} */
            status: "investigating" | "identified" | "monitoring" | "resolved";
            body: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
            authorUserId: number | null;
        };
        /**
         * @description What to say, and where the incident stands now; `resolved` resolves it.
         * @example {
         *       "status": "identified",
         *       "body": "A deployment took the shop down; it is being rolled back."
         *     }
         */
        IncidentUpdateCreate: {
            /** @enum {string} */
            status: "investigating" | "identified" | "monitoring" | "resolved";
            /** @description For everybody: it appears on the status pages that show the monitor. */
            body: string;
        };
        /**
         * @description An incident with what was written of it.
         * @example {
         *       "id": 7,
         *       "monitorId": 42,
         *       "logAlertId": null,
         *       "monitorName": "Shop",
         *       "title": "Shop is down",
         *       "status": "identified",
         *       "severity": "major",
         *       "cause": "down",
         *       "errorMessage": "expected status 200, got 503",
         *       "suppressedById": null,
         *       "startedAt": "2026-05-13T18:00:00.000Z",
         *       "acknowledgedAt": null,
         *       "acknowledgedByUserId": null,
         *       "resolvedAt": null,
         *       "resolvedByUserId": null,
         *       "autoResolved": false,
         *       "postmortem": null,
         *       "postmortemPublishedAt": null,
         *       "createdAt": "2026-05-13T18:00:00.000Z",
         *       "updates": [
         *         {
         *           "id": 9,
         *           "status": "identified",
         *           "body": "A deployment took the shop down; it is being rolled back.",
         *           "createdAt": "2026-05-13T18:05:00.000Z",
         *           "authorUserId": 3
         *         }
         *       ]
         *     }
         */
        IncidentWithUpdates: {
            id: number;
            /** @description `null`: the monitor is deleted, or there was none. */
            monitorId: number | null;
            logAlertId: number | null;
            /** @description As the monitor was called when the incident opened. */
            monitorName: string;
            title: string;
            /** @enum {string} */
            status: "investigating" | "identified" | "monitoring" | "resolved";
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "none";
            /**
             * @description What opened it: bad checks, an uptime target that was missed, or an alert on logs. Degraded turns into down with the monitor, never back.
             * @enum {string}
             */
            cause: "down" | "degraded" | "slo" | "log_alert";
            /** @description What the check that opened it, or made it worse, found. */
            errorMessage: string | null;
            /** @description The incident of a monitor this one depends on: nobody is alerted twice for one failure. `null` again where that one is over and this one lasts on, which alerts after all. */
            suppressedById: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            startedAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            acknowledgedAt: string | null;
            acknowledgedByUserId: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            resolvedAt: string | null;
            resolvedByUserId: number | null;
            /** @description Whether a good check resolved it, rather than a person. */
            autoResolved: boolean;
            /** @description In Markdown. */
            postmortem: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            postmortemPublishedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
            /** @description Oldest first; of more than 200, the latest. */
            updates: components["schemas"]["IncidentUpdate"][];
        };
        /**
         * @description A tool and the request that a call of it becomes.
         * @example {
         *       "name": "uptime_monitors_get",
         *       "operationId": "uptime.monitors.get",
         *       "method": "GET",
         *       "path": "/api/v1/monitors/{id}",
         *       "use": "read",
         *       "scope": "monitors:read",
         *       "idempotent": false,
         *       "arguments": {
         *         "id": {
         *           "in": "path",
         *           "name": "id"
         *         }
         *       },
         *       "exampleCall": {
         *         "id": 42
         *       }
         *     }
         */
        IndexedTool: {
            name: string;
            operationId: string;
            /** @enum {string} */
            method: "GET" | "POST" | "PUT" | "PATCH";
            path: string;
            /**
             * @description `write` changes data.
             * @enum {string}
             */
            use: "read" | "write";
            /** @description What the token needs; `null`: any token will do. */
            scope: string | null;
            /** @description Takes an Idempotency-Key. */
            idempotent: boolean;
            arguments: {
                [key: string]: components["schemas"]["ToolArgument"];
            };
            /** @description The arguments of a call that is valid. */
            exampleCall: {
                [key: string]: string | number | boolean | null | unknown[] | {
                    [key: string]: unknown;
                };
            };
        };
        /**
         * @description A schema, as of JSON Schema 2020-12.
         * @example {
         *       "type": "object",
         *       "properties": {
         *         "id": {
         *           "type": "integer",
         *           "minimum": 1,
         *           "maximum": 2147483647,
         *           "description": "The id of the monitor."
         *         }
         *       },
         *       "required": [
         *         "id"
         *       ],
         *       "additionalProperties": false
         *     }
         */
        JsonSchema: {
            [key: string]: string | number | boolean | null | unknown[] | {
                [key: string]: unknown;
            };
        };
        /**
         * @description A tool as LangChain takes it, with the request that a call becomes.
         * @example {
         *       "name": "uptime_monitors_get",
         *       "description": "Read a monitor. Without its secrets. Only reads. The token needs the scope monitors:read.",
         *       "args_schema": {
         *         "title": "uptime_monitors_get",
         *         "description": "Read a monitor. Without its secrets. Only reads. The token needs the scope monitors:read.",
         *         "type": "object",
         *         "properties": {
         *           "id": {
         *             "type": "integer",
         *             "minimum": 1,
         *             "maximum": 2147483647,
         *             "description": "The id of the monitor."
         *           }
         *         },
         *         "required": [
         *           "id"
         *         ],
         *         "additionalProperties": false
         *       },
         *       "operationId": "uptime.monitors.get",
         *       "method": "GET",
         *       "path": "/api/v1/monitors/{id}",
         *       "use": "read",
         *       "scope": "monitors:read",
         *       "idempotent": false,
         *       "arguments": {
         *         "id": {
         *           "in": "path",
         *           "name": "id"
         *         }
         *       }
         *     }
         */
        LangchainTool: {
            name: string;
            description: string;
            args_schema: components["schemas"]["JsonSchema"];
            operationId: string;
            /** @enum {string} */
            method: "GET" | "POST" | "PUT" | "PATCH";
            path: string;
            /**
             * @description `write` changes data.
             * @enum {string}
             */
            use: "read" | "write";
            /** @description What the token needs; `null`: any token will do. */
            scope: string | null;
            /** @description Takes an Idempotency-Key. */
            idempotent: boolean;
            arguments: {
                [key: string]: components["schemas"]["ToolArgument"];
            };
        };
        /**
         * @description What a person signs in with.
         * @example {
         *       "email": "ada@example.com",
         *       "password": "three blind mice run"
         *     }
         */
        Login: {
            /**
             * @description Compared without regard to case.
             * @example ada@example.com
             */
            email: string;
            /** Format: password */
            password: string;
        };
        /**
         * @description A time in which nobody is alerted, and which does not count against the uptime.
         * @example {
         *       "id": 5,
         *       "title": "Database upgrade",
         *       "monitorIds": [
         *         41,
         *         42
         *       ],
         *       "startsAt": "2026-05-16T02:00:00.000Z",
         *       "endsAt": "2026-05-16T04:00:00.000Z",
         *       "status": "scheduled",
         *       "createdByUserId": 3,
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        MaintenanceWindow: {
            id: number;
            title: string;
            /** @description By id. `null`: every monitor of the organization. */
            monitorIds: number[] | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            startsAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            endsAt: string;
            /** @enum {string} */
            status: "scheduled" | "active" | "ended";
            createdByUserId: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description When, and for which monitors.
         * @example {
         *       "title": "Database upgrade",
         *       "monitorIds": null,
         *       "startsAt": "2126-05-16T02:00:00.000Z",
         *       "endsAt": "2126-05-16T04:00:00.000Z"
         *     }
         */
        MaintenanceWindowCreate: {
            /** @description Shown on status pages. Absent: `Maintenance`. */
            title?: string;
            /** @description Absent or `null`: every monitor of the organization, also those that come later. */
            monitorIds?: number[] | null;
            /**
             * Format: date-time
             * @description May be in the past: from now on, then.
             * @example 2027-01-01T00:00:00.000Z
             */
            startsAt: string;
            /**
             * Format: date-time
             * @description In the future, after `startsAt`, and at most 30 days after it.
             * @example 2027-01-01T00:00:00.000Z
             */
            endsAt: string;
        };
        /**
         * @description Who the credential stands for, where it acts, and what is left of the plan.
         * @example {
         *       "id": 7,
         *       "uuid": "5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11",
         *       "email": "ada@example.com",
         *       "name": "Ada",
         *       "role": "owner",
         *       "emailVerified": false,
         *       "hasPassword": true,
         *       "organization": {
         *         "id": 1,
         *         "name": "Owlery",
         *         "slug": "owlery",
         *         "plan": "self-hosted"
         *       },
         *       "quota": {
         *         "orgId": 1,
         *         "plan": "self-hosted",
         *         "monitorLimit": null,
         *         "monitorsUsed": 12,
         *         "monitorsRemaining": null,
         *         "checksPerMonthLimit": null,
         *         "checksUsed": 0,
         *         "checksRemaining": null,
         *         "minIntervalSec": 30,
         *         "logsBytesPerMonthLimit": null,
         *         "logsBytesUsed": 0,
         *         "logsBytesRemaining": null,
         *         "periodStart": "2026-05-01T00:00:00.000Z",
         *         "periodEnd": "2026-06-01T00:00:00.000Z"
         *       }
         *     }
         */
        Me: {
            id: number;
            /** Format: uuid */
            uuid: string;
            email: string;
            name: string | null;
            /** @enum {string} */
            role: "viewer" | "member" | "admin" | "owner";
            emailVerified: boolean;
            hasPassword: boolean;
            organization: components["schemas"]["OrganizationSummary"];
            quota: components["schemas"]["Quota"];
            token?: components["schemas"]["TokenInUse"];
        };
        /**
         * @description A person in the organization.
         * @example {
         *       "userId": 7,
         *       "email": "ada@example.com",
         *       "name": "Ada",
         *       "role": "owner",
         *       "joinedAt": "2026-05-13T18:00:00.000Z",
         *       "lastLoginAt": null
         *     }
         */
        Member: {
            userId: number;
            email: string;
            name: string | null;
            /** @enum {string} */
            role: "viewer" | "member" | "admin" | "owner";
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            joinedAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            lastLoginAt: string | null;
        };
        /**
         * @description The role that the member shall have from now on.
         * @example {
         *       "role": "admin"
         *     }
         */
        MemberUpdate: {
            /** @enum {string} */
            role: "viewer" | "member" | "admin" | "owner";
        };
        /**
         * @description A monitor as everybody in the organization may see it: of secrets only whether they are set.
         * @example {
         *       "id": 42,
         *       "organizationId": 1,
         *       "name": "Shop",
         *       "url": "https://shop.example.com/health",
         *       "type": "https",
         *       "intervalSec": 60,
         *       "timeoutMs": 10000,
         *       "expectedStatusCode": 200,
         *       "degradedResponseTimeMs": 1500,
         *       "port": null,
         *       "keyword": null,
         *       "keywordMatchType": "contains",
         *       "alertEmail": "ada@example.com",
         *       "alertThreshold": 2,
         *       "alertOnDegraded": false,
         *       "consecutiveFailures": 0,
         *       "lastStatus": "up",
         *       "lastCheckedAt": "2026-05-13T18:01:00.000Z",
         *       "paused": false,
         *       "heartbeatGraceSec": 60,
         *       "heartbeatLastReceivedAt": null,
         *       "uptimeTargetBp": 999,
         *       "uptimeWindowDays": 30,
         *       "sloBreachOpen": false,
         *       "createdAt": "2026-05-13T18:00:00.000Z",
         *       "tags": [
         *         "production",
         *         "shop"
         *       ],
         *       "regions": [
         *         "local"
         *       ],
         *       "escalationPolicyId": null,
         *       "dependsOn": [
         *         41
         *       ],
         *       "hasAlertWebhook": true,
         *       "hasAlertSlack": false,
         *       "hasAlertDiscord": false,
         *       "hasAlertMsteams": false,
         *       "hasAlertTelegram": false,
         *       "hasAlertPagerduty": false,
         *       "hasAlertOpsgenie": false,
         *       "hasAlertSms": false,
         *       "hasAlertVoice": false,
         *       "hasHeaders": false
         *     }
         */
        Monitor: {
            id: number;
            organizationId: number;
            name: string;
            url: string;
            /** @enum {string} */
            type: "http" | "https" | "tcp" | "ping" | "port" | "ssl" | "keyword" | "heartbeat" | "dns" | "smtp";
            intervalSec: number;
            timeoutMs: number;
            expectedStatusCode: number | null;
            degradedResponseTimeMs: number | null;
            port: number | null;
            keyword: string | null;
            /** @enum {string} */
            keywordMatchType: "contains" | "not_contains";
            alertEmail: string | null;
            alertThreshold: number;
            alertOnDegraded: boolean;
            consecutiveFailures: number;
            /**
             * @description `null`: never checked.
             * @enum {string|null}
             */
            lastStatus: "up" | "degraded" | "down" | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            lastCheckedAt: string | null;
            paused: boolean;
            heartbeatGraceSec: number;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            heartbeatLastReceivedAt: string | null;
            /** @description Tenths of a percent. */
            uptimeTargetBp: number;
            uptimeWindowDays: number;
            sloBreachOpen: boolean;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
            tags: string[];
            regions: ("local" | "weur" | "enam" | "apac" | "oc" | "sam" | "afr")[];
            escalationPolicyId: number | null;
            /** @description Owlery’s own: the monitors that this one is behind, by id. */
            dependsOn: number[];
            hasAlertWebhook: boolean;
            hasAlertSlack: boolean;
            hasAlertDiscord: boolean;
            hasAlertMsteams: boolean;
            hasAlertTelegram: boolean;
            hasAlertPagerduty: boolean;
            hasAlertOpsgenie: boolean;
            /** @description Always false: the service sends no SMS. */
            hasAlertSms: boolean;
            /** @description Always false: the service makes no calls. */
            hasAlertVoice: boolean;
            hasHeaders: boolean;
        };
        /**
         * @description Monitors to be created together: all of them or none.
         * @example {
         *       "monitors": [
         *         {
         *           "name": "Blog",
         *           "url": "https://blog.example.com/",
         *           "type": "https",
         *           "intervalSec": 60,
         *           "alertEmail": "ada@example.com",
         *           "alertThreshold": 2,
         *           "tags": [
         *             "production",
         *             "shop"
         *           ]
         *         }
         *       ]
         *     }
         */
        MonitorBulkCreate: {
            monitors: components["schemas"]["MonitorCreate"][];
        };
        /**
         * @description Monitors to be deleted together: all of them or none.
         * @example {
         *       "ids": [
         *         41,
         *         42
         *       ]
         *     }
         */
        MonitorBulkDelete: {
            /** @description The ids of monitors; one named twice counts once. */
            ids: number[];
        };
        /**
         * @description What shall change in every one of them. Names are unique, so a name cannot be given to several.
         * @example {
         *       "paused": true
         *     }
         */
        MonitorBulkPatch: {
            /** @description What to check: a URL for `http`, `https` and `keyword`; a host, with or without a port, for the others; for `heartbeat` any text, since nothing is called. */
            url?: string;
            /**
             * @description Seconds between checks. The plan sets the least.
             * @enum {integer}
             */
            intervalSec?: 30 | 60 | 300 | 900 | 1800 | 3600;
            /** @description For all of a check: looking up the name, connecting and the answer. Absent when creating: 10000. */
            timeoutMs?: number;
            /** @description Sent with HTTP checks. Kept secret. They are replaced as a whole. */
            headers?: {
                [key: string]: string;
            } | null;
            /** @description Exactly this status is up; if it is a redirect, it is not followed. `null`: any below 400 is up. */
            expectedStatusCode?: number | null;
            /** @description Slower than this is degraded. */
            degradedResponseTimeMs?: number | null;
            /** @description Needed by `port` and `tcp` where the URL has none; `smtp` uses 25 otherwise. */
            port?: number | null;
            /** @description Needed by `keyword`. */
            keyword?: string | null;
            /**
             * @description Absent when creating: `contains`.
             * @enum {string}
             */
            keywordMatchType?: "contains" | "not_contains";
            /** @description How late a heartbeat may be. Absent when creating: 60. */
            heartbeatGraceSec?: number;
            /** @description Bad checks in a row before an incident opens. Absent when creating: 1. */
            alertThreshold?: number;
            /** @description Whether degraded counts as a bad check. */
            alertOnDegraded?: boolean;
            /** @example ada@example.com */
            alertEmail?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertWebhookUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertSlackUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertDiscordUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertMsteamsUrl?: string | null;
            /** @description Only together with `alertTelegramChatId`. Both are kept secret. */
            alertTelegramBotToken?: string | null;
            alertTelegramChatId?: string | null;
            /** @description Kept secret. */
            alertPagerdutyRoutingKey?: string | null;
            /** @description Kept secret. */
            alertOpsgenieApiKey?: string | null;
            tags?: string[];
            /** @description Where to check from. `local` always does; the others only for `http` and `https`. */
            regions?: ("local" | "weur" | "enam" | "apac" | "oc" | "sam" | "afr")[];
            /** @description The uptime aimed for, in tenths of a percent: 999 is 99.9 %. Absent when creating: 999. */
            uptimeTargetBp?: number;
            /** @description The days that the target is judged over. Absent when creating: 30. */
            uptimeWindowDays?: number;
            /** @description A paused monitor is not checked and keeps its last status. */
            paused?: boolean;
            /** @description Owlery’s own: the monitors that this one is behind, such as its router. An incident of this one that begins while one of them is down alerts nobody of its beginning, unless it lasts on after that one is up again. An id named twice counts once; circles are refused; `null` is none. */
            dependsOn?: number[] | null;
            /** @description There are no escalation policies yet. */
            escalationPolicyId?: null;
        };
        /**
         * @description One change of several monitors: of all of them or of none.
         * @example {
         *       "ids": [
         *         41,
         *         42
         *       ],
         *       "patch": {
         *         "paused": true
         *       }
         *     }
         */
        MonitorBulkUpdate: {
            /** @description The ids of monitors; one named twice counts once. */
            ids: number[];
            patch: components["schemas"]["MonitorBulkPatch"];
        };
        /**
         * @description A monitor to be. What is left out gets its default: `intervalSec` 300, `regions` `["local"]`.
         * @example {
         *       "name": "Shop",
         *       "url": "https://shop.example.com/health",
         *       "type": "https",
         *       "intervalSec": 60,
         *       "alertEmail": "ada@example.com",
         *       "alertThreshold": 2,
         *       "tags": [
         *         "production",
         *         "shop"
         *       ]
         *     }
         */
        MonitorCreate: {
            /** @description Unique in the organization. */
            name: string;
            /** @description What to check: a URL for `http`, `https` and `keyword`; a host, with or without a port, for the others; for `heartbeat` any text, since nothing is called. */
            url: string;
            /**
             * @description `http` and `https` ask for the URL, `keyword` looks into the page too. `tcp` and `port` connect. `ssl` judges the whole chain of certificates. `ping` sends ICMP; where the service may not, it knocks at TCP port 443, and the result says so. `dns` asks for A records, or as in `dns://example.com?type=MX` for others. `smtp` waits for a greeting with 220. `heartbeat` waits to be called.
             * @enum {string}
             */
            type: "http" | "https" | "tcp" | "ping" | "port" | "ssl" | "keyword" | "heartbeat" | "dns" | "smtp";
            /**
             * @description Seconds between checks. The plan sets the least.
             * @enum {integer}
             */
            intervalSec?: 30 | 60 | 300 | 900 | 1800 | 3600;
            /** @description For all of a check: looking up the name, connecting and the answer. Absent when creating: 10000. */
            timeoutMs?: number;
            /** @description Sent with HTTP checks. Kept secret. They are replaced as a whole. */
            headers?: {
                [key: string]: string;
            } | null;
            /** @description Exactly this status is up; if it is a redirect, it is not followed. `null`: any below 400 is up. */
            expectedStatusCode?: number | null;
            /** @description Slower than this is degraded. */
            degradedResponseTimeMs?: number | null;
            /** @description Needed by `port` and `tcp` where the URL has none; `smtp` uses 25 otherwise. */
            port?: number | null;
            /** @description Needed by `keyword`. */
            keyword?: string | null;
            /**
             * @description Absent when creating: `contains`.
             * @enum {string}
             */
            keywordMatchType?: "contains" | "not_contains";
            /** @description How late a heartbeat may be. Absent when creating: 60. */
            heartbeatGraceSec?: number;
            /** @description Bad checks in a row before an incident opens. Absent when creating: 1. */
            alertThreshold?: number;
            /** @description Whether degraded counts as a bad check. */
            alertOnDegraded?: boolean;
            /** @example ada@example.com */
            alertEmail?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertWebhookUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertSlackUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertDiscordUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertMsteamsUrl?: string | null;
            /** @description Only together with `alertTelegramChatId`. Both are kept secret. */
            alertTelegramBotToken?: string | null;
            alertTelegramChatId?: string | null;
            /** @description Kept secret. */
            alertPagerdutyRoutingKey?: string | null;
            /** @description Kept secret. */
            alertOpsgenieApiKey?: string | null;
            tags?: string[];
            /** @description Where to check from. `local` always does; the others only for `http` and `https`. */
            regions?: ("local" | "weur" | "enam" | "apac" | "oc" | "sam" | "afr")[];
            /** @description The uptime aimed for, in tenths of a percent: 999 is 99.9 %. Absent when creating: 999. */
            uptimeTargetBp?: number;
            /** @description The days that the target is judged over. Absent when creating: 30. */
            uptimeWindowDays?: number;
            /** @description A paused monitor is not checked and keeps its last status. */
            paused?: boolean;
            /** @description Owlery’s own: the monitors that this one is behind, such as its router. An incident of this one that begins while one of them is down alerts nobody of its beginning, unless it lasts on after that one is up again. An id named twice counts once; circles are refused; `null` is none. */
            dependsOn?: number[] | null;
            /** @description There are no escalation policies yet. */
            escalationPolicyId?: null;
        };
        /**
         * @description The new monitor.
         * @example {
         *       "id": 42,
         *       "organizationId": 1,
         *       "name": "Shop",
         *       "url": "https://shop.example.com/health",
         *       "type": "https",
         *       "intervalSec": 60,
         *       "timeoutMs": 10000,
         *       "expectedStatusCode": 200,
         *       "degradedResponseTimeMs": 1500,
         *       "port": null,
         *       "keyword": null,
         *       "keywordMatchType": "contains",
         *       "alertEmail": "ada@example.com",
         *       "alertThreshold": 2,
         *       "alertOnDegraded": false,
         *       "consecutiveFailures": 0,
         *       "lastStatus": "up",
         *       "lastCheckedAt": "2026-05-13T18:01:00.000Z",
         *       "paused": false,
         *       "heartbeatGraceSec": 60,
         *       "heartbeatLastReceivedAt": null,
         *       "uptimeTargetBp": 999,
         *       "uptimeWindowDays": 30,
         *       "sloBreachOpen": false,
         *       "createdAt": "2026-05-13T18:00:00.000Z",
         *       "tags": [
         *         "production",
         *         "shop"
         *       ],
         *       "regions": [
         *         "local"
         *       ],
         *       "escalationPolicyId": null,
         *       "dependsOn": [
         *         41
         *       ],
         *       "hasAlertWebhook": true,
         *       "hasAlertSlack": false,
         *       "hasAlertDiscord": false,
         *       "hasAlertMsteams": false,
         *       "hasAlertTelegram": false,
         *       "hasAlertPagerduty": false,
         *       "hasAlertOpsgenie": false,
         *       "hasAlertSms": false,
         *       "hasAlertVoice": false,
         *       "hasHeaders": false
         *     }
         */
        MonitorCreated: {
            id: number;
            organizationId: number;
            name: string;
            url: string;
            /** @enum {string} */
            type: "http" | "https" | "tcp" | "ping" | "port" | "ssl" | "keyword" | "heartbeat" | "dns" | "smtp";
            intervalSec: number;
            timeoutMs: number;
            expectedStatusCode: number | null;
            degradedResponseTimeMs: number | null;
            port: number | null;
            keyword: string | null;
            /** @enum {string} */
            keywordMatchType: "contains" | "not_contains";
            alertEmail: string | null;
            alertThreshold: number;
            alertOnDegraded: boolean;
            consecutiveFailures: number;
            /**
             * @description `null`: never checked.
             * @enum {string|null}
             */
            lastStatus: "up" | "degraded" | "down" | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            lastCheckedAt: string | null;
            paused: boolean;
            heartbeatGraceSec: number;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            heartbeatLastReceivedAt: string | null;
            /** @description Tenths of a percent. */
            uptimeTargetBp: number;
            uptimeWindowDays: number;
            sloBreachOpen: boolean;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
            tags: string[];
            regions: ("local" | "weur" | "enam" | "apac" | "oc" | "sam" | "afr")[];
            escalationPolicyId: number | null;
            /** @description Owlery’s own: the monitors that this one is behind, by id. */
            dependsOn: number[];
            hasAlertWebhook: boolean;
            hasAlertSlack: boolean;
            hasAlertDiscord: boolean;
            hasAlertMsteams: boolean;
            hasAlertTelegram: boolean;
            hasAlertPagerduty: boolean;
            hasAlertOpsgenie: boolean;
            /** @description Always false: the service sends no SMS. */
            hasAlertSms: boolean;
            /** @description Always false: the service makes no calls. */
            hasAlertVoice: boolean;
            hasHeaders: boolean;
            /** @description For `heartbeat`: the token as it is stored, sealed. The token itself comes from the secrets or from rotating it. */
            heartbeatToken?: string;
        };
        /**
         * @description The new monitors, in the order of the request.
         * @example {
         *       "created": 1,
         *       "monitors": [
         *         {
         *           "id": 42,
         *           "organizationId": 1,
         *           "name": "Shop",
         *           "url": "https://shop.example.com/health",
         *           "type": "https",
         *           "intervalSec": 60,
         *           "timeoutMs": 10000,
         *           "expectedStatusCode": 200,
         *           "degradedResponseTimeMs": 1500,
         *           "port": null,
         *           "keyword": null,
         *           "keywordMatchType": "contains",
         *           "alertEmail": "ada@example.com",
         *           "alertThreshold": 2,
         *           "alertOnDegraded": false,
         *           "consecutiveFailures": 0,
         *           "lastStatus": "up",
         *           "lastCheckedAt": "2026-05-13T18:01:00.000Z",
         *           "paused": false,
         *           "heartbeatGraceSec": 60,
         *           "heartbeatLastReceivedAt": null,
         *           "uptimeTargetBp": 999,
         *           "uptimeWindowDays": 30,
         *           "sloBreachOpen": false,
         *           "createdAt": "2026-05-13T18:00:00.000Z",
         *           "tags": [
         *             "production",
         *             "shop"
         *           ],
         *           "regions": [
         *             "local"
         *           ],
         *           "escalationPolicyId": null,
         *           "dependsOn": [
         *             41
         *           ],
         *           "hasAlertWebhook": true,
         *           "hasAlertSlack": false,
         *           "hasAlertDiscord": false,
         *           "hasAlertMsteams": false,
         *           "hasAlertTelegram": false,
         *           "hasAlertPagerduty": false,
         *           "hasAlertOpsgenie": false,
         *           "hasAlertSms": false,
         *           "hasAlertVoice": false,
         *           "hasHeaders": false
         *         }
         *       ]
         *     }
         */
        MonitorsCreated: {
            created: number;
            monitors: components["schemas"]["MonitorCreated"][];
        };
        /**
         * @description The monitors that are gone.
         * @example {
         *       "deleted": 2,
         *       "ids": [
         *         41,
         *         42
         *       ]
         *     }
         */
        MonitorsDeleted: {
            deleted: number;
            ids: number[];
        };
        /**
         * @description Everything secret of one monitor; `null` is what is not set.
         * @example {
         *       "id": 42,
         *       "heartbeatToken": null,
         *       "headers": {
         *         "Authorization": "Bearer of-the-monitored-service"
         *       },
         *       "alertWebhookUrl": "https://hooks.example.com/alerts",
         *       "alertSlackUrl": null,
         *       "alertDiscordUrl": null,
         *       "alertMsteamsUrl": null,
         *       "alertTelegramBotToken": null,
         *       "alertTelegramChatId": null,
         *       "alertPagerdutyRoutingKey": null,
         *       "alertOpsgenieApiKey": null
         *     }
         */
        MonitorSecrets: {
            id: number;
            /** @description 64 hexadecimal digits; `null` for other types. */
            heartbeatToken: string | null;
            headers: {
                [key: string]: string;
            } | null;
            alertWebhookUrl: string | null;
            alertSlackUrl: string | null;
            alertDiscordUrl: string | null;
            alertMsteamsUrl: string | null;
            alertTelegramBotToken: string | null;
            alertTelegramChatId: string | null;
            alertPagerdutyRoutingKey: string | null;
            alertOpsgenieApiKey: string | null;
        };
        /**
         * @description What the checks of a while come to. Checks in maintenance count for nothing.
         * @example {
         *       "window": "24h",
         *       "from": "2026-05-12T18:00:00.000Z",
         *       "to": "2026-05-13T18:01:12.000Z",
         *       "checks": 1441,
         *       "up": 1430,
         *       "degraded": 8,
         *       "down": 3,
         *       "uptimePct": 99.791,
         *       "avgMs": 184,
         *       "minMs": 92,
         *       "maxMs": 2310,
         *       "p50Ms": 171,
         *       "p95Ms": 322,
         *       "p99Ms": 910,
         *       "slo": {
         *         "targetPct": 99.9,
         *         "windowDays": 30,
         *         "achievedPct": 99.962,
         *         "checks": 43120,
         *         "minChecks": 20,
         *         "state": "ok"
         *       }
         *     }
         */
        MonitorStats: {
            /** @enum {string} */
            window: "24h" | "7d" | "30d" | "90d";
            /**
             * Format: date-time
             * @description The full hour that the window begins with.
             * @example 2026-05-13T18:00:00.000Z
             */
            from: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            to: string;
            /** @description Those outside of maintenance. */
            checks: number;
            up: number;
            degraded: number;
            down: number;
            /** @description The share that was up or degraded, rounded down to three decimals. `null`: there were no checks. */
            uptimePct: number | null;
            /** @description Times are those of checks that were not down; `null`: there are none. */
            avgMs: number | null;
            minMs: number | null;
            maxMs: number | null;
            /** @description Half of the answers took no longer. Read from a histogram. */
            p50Ms: number | null;
            p95Ms: number | null;
            p99Ms: number | null;
            slo: {
                targetPct: number;
                windowDays: number;
                /** @description The share that was up or degraded, rounded down to three decimals. `null`: there were no checks. */
                achievedPct: number | null;
                /** @description Those of the full days that the target is judged over, and of today. */
                checks: number;
                /** @description With fewer checks than this it is not judged yet. */
                minChecks: number;
                /** @enum {string} */
                state: "no_data" | "building" | "ok" | "breached";
            };
        };
        /**
         * @description The monitors that the change was applied to.
         * @example {
         *       "updated": 2,
         *       "ids": [
         *         41,
         *         42
         *       ]
         *     }
         */
        MonitorsUpdated: {
            updated: number;
            ids: number[];
        };
        /**
         * @description Equally long pieces of time, oldest first, without a gap. Checks in maintenance are left out.
         * @example {
         *       "bucketSec": 3600,
         *       "buckets": [
         *         {
         *           "ts": "2026-05-13T17:00:00.000Z",
         *           "status": null,
         *           "up": 0,
         *           "degraded": 0,
         *           "down": 0,
         *           "uptimePct": null,
         *           "avgMs": null
         *         },
         *         {
         *           "ts": "2026-05-13T18:00:00.000Z",
         *           "status": "down",
         *           "up": 57,
         *           "degraded": 2,
         *           "down": 1,
         *           "uptimePct": 98.333,
         *           "avgMs": 190
         *         }
         *       ]
         *     }
         */
        MonitorTimeline: {
            bucketSec: number;
            buckets: {
                /**
                 * Format: date-time
                 * @description When the bucket begins.
                 * @example 2026-05-13T18:00:00.000Z
                 */
                ts: string;
                /**
                 * @description The worst that was found; `null`: none.
                 * @enum {string|null}
                 */
                status: "up" | "degraded" | "down" | null;
                up: number;
                degraded: number;
                down: number;
                /** @description The share that was up or degraded, rounded down to three decimals. `null`: there were no checks. */
                uptimePct: number | null;
                avgMs: number | null;
            }[];
        };
        /**
         * @description What shall change: at least one field. `null` clears. The type of a monitor never changes.
         * @example {
         *       "intervalSec": 300,
         *       "alertSlackUrl": "https://hooks.slack.com/services/T0/B0/secret",
         *       "keyword": null,
         *       "dependsOn": []
         *     }
         */
        MonitorUpdate: {
            /** @description Unique in the organization. */
            name?: string;
            /** @description What to check: a URL for `http`, `https` and `keyword`; a host, with or without a port, for the others; for `heartbeat` any text, since nothing is called. */
            url?: string;
            /**
             * @description Seconds between checks. The plan sets the least.
             * @enum {integer}
             */
            intervalSec?: 30 | 60 | 300 | 900 | 1800 | 3600;
            /** @description For all of a check: looking up the name, connecting and the answer. Absent when creating: 10000. */
            timeoutMs?: number;
            /** @description Sent with HTTP checks. Kept secret. They are replaced as a whole. */
            headers?: {
                [key: string]: string;
            } | null;
            /** @description Exactly this status is up; if it is a redirect, it is not followed. `null`: any below 400 is up. */
            expectedStatusCode?: number | null;
            /** @description Slower than this is degraded. */
            degradedResponseTimeMs?: number | null;
            /** @description Needed by `port` and `tcp` where the URL has none; `smtp` uses 25 otherwise. */
            port?: number | null;
            /** @description Needed by `keyword`. */
            keyword?: string | null;
            /**
             * @description Absent when creating: `contains`.
             * @enum {string}
             */
            keywordMatchType?: "contains" | "not_contains";
            /** @description How late a heartbeat may be. Absent when creating: 60. */
            heartbeatGraceSec?: number;
            /** @description Bad checks in a row before an incident opens. Absent when creating: 1. */
            alertThreshold?: number;
            /** @description Whether degraded counts as a bad check. */
            alertOnDegraded?: boolean;
            /** @example ada@example.com */
            alertEmail?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertWebhookUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertSlackUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertDiscordUrl?: string | null;
            /** @description An http or https URL. Kept secret. */
            alertMsteamsUrl?: string | null;
            /** @description Only together with `alertTelegramChatId`. Both are kept secret. */
            alertTelegramBotToken?: string | null;
            alertTelegramChatId?: string | null;
            /** @description Kept secret. */
            alertPagerdutyRoutingKey?: string | null;
            /** @description Kept secret. */
            alertOpsgenieApiKey?: string | null;
            tags?: string[];
            /** @description Where to check from. `local` always does; the others only for `http` and `https`. */
            regions?: ("local" | "weur" | "enam" | "apac" | "oc" | "sam" | "afr")[];
            /** @description The uptime aimed for, in tenths of a percent: 999 is 99.9 %. Absent when creating: 999. */
            uptimeTargetBp?: number;
            /** @description The days that the target is judged over. Absent when creating: 30. */
            uptimeWindowDays?: number;
            /** @description A paused monitor is not checked and keeps its last status. */
            paused?: boolean;
            /** @description Owlery’s own: the monitors that this one is behind, such as its router. An incident of this one that begins while one of them is down alerts nobody of its beginning, unless it lasts on after that one is up again. An id named twice counts once; circles are refused; `null` is none. */
            dependsOn?: number[] | null;
            /** @description There are no escalation policies yet. */
            escalationPolicyId?: null;
        };
        /**
         * @description Requests cannot be served now: an error like any other, with the states beside it.
         * @example {
         *       "error": "The service is not available right now",
         *       "code": "SERVICE_UNAVAILABLE",
         *       "requestId": "01J0000000000000000000000",
         *       "status": "unavailable",
         *       "dependencies": {
         *         "database": {
         *           "status": "unavailable",
         *           "detail": "connection refused"
         *         }
         *       }
         *     }
         */
        NotReady: {
            error: string;
            /** @enum {string} */
            code: "SERVICE_UNAVAILABLE";
            requestId: string;
            /** @enum {string} */
            status: "unavailable";
            dependencies: {
                [key: string]: components["schemas"]["Dependency"];
            };
        };
        /**
         * @description The function of a tool, as OpenAI takes it.
         * @example {
         *       "name": "uptime_monitors_get",
         *       "description": "Read a monitor. Without its secrets. Only reads. The token needs the scope monitors:read.",
         *       "parameters": {
         *         "type": "object",
         *         "properties": {
         *           "id": {
         *             "type": "integer",
         *             "minimum": 1,
         *             "maximum": 2147483647,
         *             "description": "The id of the monitor."
         *           }
         *         },
         *         "required": [
         *           "id"
         *         ],
         *         "additionalProperties": false
         *       },
         *       "strict": true
         *     }
         */
        OpenaiFunction: {
            name: string;
            description: string;
            parameters: components["schemas"]["JsonSchema"];
            strict: boolean;
        };
        /**
         * @description A tool as OpenAI takes it.
         * @example {
         *       "type": "function",
         *       "function": {
         *         "name": "uptime_monitors_get",
         *         "description": "Read a monitor. Without its secrets. Only reads. The token needs the scope monitors:read.",
         *         "parameters": {
         *           "type": "object",
         *           "properties": {
         *             "id": {
         *               "type": "integer",
         *               "minimum": 1,
         *               "maximum": 2147483647,
         *               "description": "The id of the monitor."
         *             }
         *           },
         *           "required": [
         *             "id"
         *           ],
         *           "additionalProperties": false
         *         },
         *         "strict": true
         *       }
         *     }
         */
        OpenaiTool: {
            /** @enum {string} */
            type: "function";
            function: components["schemas"]["OpenaiFunction"];
        };
        /**
         * @description The organization that a credential acts in.
         * @example {
         *       "id": 1,
         *       "name": "Owlery",
         *       "slug": "owlery",
         *       "plan": "self-hosted"
         *     }
         */
        OrganizationSummary: {
            id: number;
            name: string;
            slug: string;
            /**
             * @description The plan sets the limits that `quota` shows.
             * @enum {string}
             */
            plan: "self-hosted" | "free" | "startup" | "pro";
        };
        /**
         * @description The password now, and the one to come.
         * @example {
         *       "currentPassword": "three blind mice run",
         *       "newPassword": "see how they run away"
         *     }
         */
        PasswordChange: {
            /** Format: password */
            currentPassword: string;
            /**
             * Format: password
             * @description At least 10 characters; common passwords are refused.
             */
            newPassword: string;
        };
        /**
         * @description Whose password is to be reset.
         * @example {
         *       "email": "ada@example.com"
         *     }
         */
        PasswordForgotten: {
            /**
             * @description Compared without regard to case.
             * @example ada@example.com
             */
            email: string;
        };
        /**
         * @description A new password, with the proof that the mailbox is the caller’s.
         * @example {
         *       "token": "q0pJm0o4r7m3mJrJc8kq1mS9Qe1m5mQ2Hf6a7b8c9d0",
         *       "password": "three blind mice run"
         *     }
         */
        PasswordReset: {
            /** @description From the link in the mail. */
            token: string;
            /**
             * Format: password
             * @description At least 10 characters; common passwords are refused.
             */
            password: string;
        };
        /**
         * @description The same for known and unknown addresses.
         * @example {
         *       "message": "If this address has an account, a reset link is on its way."
         *     }
         */
        PasswordResetRequested: {
            message: string;
        };
        /**
         * @description What happened, why, and what is done so that it does not happen again.
         * @example {
         *       "postmortem": "## What happened\n\nA deployment took the shop down for ten minutes."
         *     }
         */
        PostmortemPut: {
            /** @description In Markdown; `null` removes it. */
            postmortem: string | null;
        };
        /**
         * @description How the page is dressed.
         * @example {
         *       "logoUrl": null,
         *       "accentColor": "#1a7f37",
         *       "footerLinks": [
         *         {
         *           "label": "Imprint",
         *           "url": "https://example.com/imprint"
         *         }
         *       ],
         *       "customCss": null,
         *       "hideBranding": false
         *     }
         */
        PublicBranding: {
            logoUrl: string | null;
            accentColor: string | null;
            footerLinks: components["schemas"]["StatusPageFooterLink"][];
            customCss: string | null;
            hideBranding: boolean;
        };
        /**
         * @description A monitor as visitors see it.
         * @example {
         *       "id": 42,
         *       "name": "Shop",
         *       "group": "Websites",
         *       "lastStatus": "up",
         *       "uptime24h": 100,
         *       "uptime30d": 99.981,
         *       "uptime90d": 99.964,
         *       "daily": [
         *         {
         *           "date": "2026-05-13",
         *           "uptimePct": 99.93
         *         }
         *       ],
         *       "responseHourly": [
         *         182,
         *         null,
         *         175
         *       ]
         *     }
         */
        PublicComponent: {
            /** @description The id of the monitor, as its badge has it. */
            id: number;
            name: string;
            group: string | null;
            /**
             * @description `null`: never checked.
             * @enum {string|null}
             */
            lastStatus: "up" | "degraded" | "down" | null;
            /** @description In percent, cut after three decimals, without maintenance. `null`: nothing is known. */
            uptime24h: number | null;
            /** @description In percent, cut after three decimals, without maintenance. `null`: nothing is known. */
            uptime30d: number | null;
            /** @description In percent, cut after three decimals, without maintenance. `null`: nothing is known. */
            uptime90d: number | null;
            /** @description The last 90 days, today last. */
            daily: components["schemas"]["PublicComponentDay"][];
            /** @description Mean response times of the last 24 hours in milliseconds, this hour last. */
            responseHourly: (number | null)[];
        };
        /**
         * @description One day of a component.
         * @example {
         *       "date": "2026-05-13",
         *       "uptimePct": 99.93
         *     }
         */
        PublicComponentDay: {
            /** @description A day in UTC. */
            date: string;
            /** @description In percent, cut after three decimals, without maintenance. `null`: nothing is known. */
            uptimePct: number | null;
        };
        /**
         * @description An incident as visitors see it.
         * @example {
         *       "id": 5,
         *       "title": "Shop is down",
         *       "status": "identified",
         *       "severity": "major",
         *       "monitorId": 42,
         *       "startedAt": "2026-05-13T18:00:00.000Z",
         *       "resolvedAt": null,
         *       "updates": [
         *         {
         *           "status": "identified",
         *           "body": "A disk is full; we are moving its data.",
         *           "createdAt": "2026-05-13T18:10:00.000Z"
         *         }
         *       ],
         *       "postmortem": null,
         *       "postmortemPublishedAt": null
         *     }
         */
        PublicIncident: {
            id: number;
            title: string;
            /** @enum {string} */
            status: "investigating" | "identified" | "monitoring" | "resolved";
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "none";
            monitorId: number;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            startedAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            resolvedAt: string | null;
            /** @description Newest first, at most 50. */
            updates: components["schemas"]["PublicIncidentUpdate"][];
            /** @description Markdown, once it is published. */
            postmortem: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            postmortemPublishedAt: string | null;
        };
        /**
         * @description What was told of an incident.
         * @example {
         *       "status": "identified",
         *       "body": "A disk is full; we are moving its data.",
         *       "createdAt": "2026-05-13T18:10:00.000Z"
         *     }
         */
        PublicIncidentUpdate: {
            /** @enum {string} */
            status: "investigating" | "identified" | "monitoring" | "resolved";
            /** @description Markdown. */
            body: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description A maintenance window to come, or now.
         * @example {
         *       "id": 2,
         *       "title": "New database",
         *       "status": "scheduled",
         *       "startsAt": "2026-05-20T02:00:00.000Z",
         *       "endsAt": "2026-05-20T04:00:00.000Z",
         *       "monitorIds": [
         *         42
         *       ]
         *     }
         */
        PublicMaintenance: {
            id: number;
            title: string;
            /** @enum {string} */
            status: "scheduled" | "active";
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            startsAt: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            endsAt: string;
            /** @description Those of this page that it concerns. */
            monitorIds: number[];
        };
        /**
         * @description All that a status page shows. No addresses, headers, channels or error messages.
         * @example {
         *       "slug": "acme",
         *       "title": "Acme status",
         *       "description": "How our services are.",
         *       "branding": {
         *         "logoUrl": null,
         *         "accentColor": "#1a7f37",
         *         "footerLinks": [
         *           {
         *             "label": "Imprint",
         *             "url": "https://example.com/imprint"
         *           }
         *         ],
         *         "customCss": null,
         *         "hideBranding": false
         *       },
         *       "overallStatus": "up",
         *       "monitors": [
         *         {
         *           "id": 42,
         *           "name": "Shop",
         *           "group": "Websites",
         *           "lastStatus": "up",
         *           "uptime24h": 100,
         *           "uptime30d": 99.981,
         *           "uptime90d": 99.964,
         *           "daily": [
         *             {
         *               "date": "2026-05-13",
         *               "uptimePct": 99.93
         *             }
         *           ],
         *           "responseHourly": [
         *             182,
         *             null,
         *             175
         *           ]
         *         }
         *       ],
         *       "incidents": [
         *         {
         *           "id": 5,
         *           "title": "Shop is down",
         *           "status": "identified",
         *           "severity": "major",
         *           "monitorId": 42,
         *           "startedAt": "2026-05-13T18:00:00.000Z",
         *           "resolvedAt": null,
         *           "updates": [
         *             {
         *               "status": "identified",
         *               "body": "A disk is full; we are moving its data.",
         *               "createdAt": "2026-05-13T18:10:00.000Z"
         *             }
         *           ],
         *           "postmortem": null,
         *           "postmortemPublishedAt": null
         *         }
         *       ],
         *       "maintenance": [
         *         {
         *           "id": 2,
         *           "title": "New database",
         *           "status": "scheduled",
         *           "startsAt": "2026-05-20T02:00:00.000Z",
         *           "endsAt": "2026-05-20T04:00:00.000Z",
         *           "monitorIds": [
         *             42
         *           ]
         *         }
         *       ],
         *       "updatedAt": "2026-05-13T18:10:00.000Z"
         *     }
         */
        PublicStatusPage: {
            slug: string;
            title: string;
            description: string | null;
            branding: components["schemas"]["PublicBranding"];
            /**
             * @description The worst of its components; `unknown` while one of them was never checked, or there are none.
             * @enum {string}
             */
            overallStatus: "up" | "degraded" | "down" | "unknown";
            monitors: components["schemas"]["PublicComponent"][];
            /** @description Of the last 90 days, newest first, at most 50. */
            incidents: components["schemas"]["PublicIncident"][];
            /** @description Now and to come, the soonest first, at most 20. */
            maintenance: components["schemas"]["PublicMaintenance"][];
            /**
             * Format: date-time
             * @description The last check or change that it tells of.
             * @example 2026-05-13T18:00:00.000Z
             */
            updatedAt: string;
        };
        /**
         * @description What the plan allows and what is used of it in this calendar month (UTC).
         * @example {
         *       "orgId": 1,
         *       "plan": "self-hosted",
         *       "monitorLimit": null,
         *       "monitorsUsed": 12,
         *       "monitorsRemaining": null,
         *       "checksPerMonthLimit": null,
         *       "checksUsed": 0,
         *       "checksRemaining": null,
         *       "minIntervalSec": 30,
         *       "logsBytesPerMonthLimit": null,
         *       "logsBytesUsed": 0,
         *       "logsBytesRemaining": null,
         *       "periodStart": "2026-05-01T00:00:00.000Z",
         *       "periodEnd": "2026-06-01T00:00:00.000Z"
         *     }
         */
        Quota: {
            orgId: number;
            /** @enum {string} */
            plan: "self-hosted" | "free" | "startup" | "pro";
            /** @description `null` is no limit, here and below. */
            monitorLimit: number | null;
            monitorsUsed: number;
            monitorsRemaining: number | null;
            checksPerMonthLimit: number | null;
            checksUsed: number;
            checksRemaining: number | null;
            minIntervalSec: number;
            logsBytesPerMonthLimit: number | null;
            logsBytesUsed: number;
            logsBytesRemaining: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            periodStart: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            periodEnd: string;
        };
        /**
         * @description Requests can be served.
         * @example {
         *       "status": "ok",
         *       "dependencies": {
         *         "database": {
         *           "status": "ok",
         *           "detail": "postgres"
         *         }
         *       }
         *     }
         */
        Ready: {
            /** @enum {string} */
            status: "ok" | "degraded";
            dependencies: {
                [key: string]: components["schemas"]["Dependency"];
            };
        };
        /**
         * @description A region that monitors can be checked from, and who does so.
         * @example {
         *       "region": "weur",
         *       "monitors": 12,
         *       "lagSec": 0,
         *       "lastSeenAt": "2026-05-13T18:00:00.000Z",
         *       "agents": [
         *         {
         *           "id": 7,
         *           "name": "probe-1",
         *           "version": "0.1.0",
         *           "startedAt": "2026-05-13T06:00:00.000Z",
         *           "lastSeenAt": "2026-05-13T18:00:00.000Z"
         *         }
         *       ]
         *     }
         */
        Region: {
            /** @enum {string} */
            region: "weur" | "enam" | "apac" | "oc" | "sam" | "afr";
            /** @description Monitors that are to be checked from there, paused ones not counted. */
            monitors: number;
            /** @description How long the longest waiting check has been due. */
            lagSec: number;
            /**
             * Format: date-time
             * @description When an agent was last heard of; `null`: not lately.
             * @example 2026-05-13T18:00:00.000Z
             */
            lastSeenAt: string | null;
            /** @description Those of the last day, the last one heard of first. */
            agents: {
                id: number;
                name: string;
                version: string;
                /**
                 * Format: date-time
                 * @example 2026-05-13T18:00:00.000Z
                 */
                startedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-05-13T18:00:00.000Z
                 */
                lastSeenAt: string;
            }[];
        };
        /**
         * @description Which agent begins, and where it stands.
         * @example {
         *       "region": "weur",
         *       "name": "probe-1",
         *       "version": "0.1.0"
         *     }
         */
        RegionAgentStart: {
            /** @enum {string} */
            region: "weur" | "enam" | "apac" | "oc" | "sam" | "afr";
            /** @description What people know it by. Several agents may have the same name. */
            name: string;
            version: string;
        };
        /**
         * @description The agent and its key.
         * @example {
         *       "id": 7,
         *       "key": "owl_agent_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg"
         *     }
         */
        RegionAgentStarted: {
            id: number;
            /** @description What the agent shows from now on. It is shown this once. */
            key: string;
        };
        /**
         * @description How much work an agent can take.
         * @example {
         *       "key": "owl_agent_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg",
         *       "limit": 50
         *     }
         */
        RegionClaim: {
            /** @description From the start of the agent. */
            key: string;
            /** @description How many checks to answer at most. */
            limit: number;
        };
        /**
         * @description What came of claimed checks.
         * @example {
         *       "key": "owl_agent_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg",
         *       "results": [
         *         {
         *           "monitorId": 42,
         *           "leaseUntil": "2026-05-13T18:01:00.000Z",
         *           "ageMs": 350,
         *           "status": "up",
         *           "responseTimeMs": 120,
         *           "statusCode": 200,
         *           "errorMessage": null
         *         }
         *       ],
         *       "givenBack": [
         *         {
         *           "monitorId": 43,
         *           "leaseUntil": "2026-05-13T18:01:00.000Z",
         *           "afterMs": 10000
         *         }
         *       ]
         *     }
         */
        RegionReport: {
            /** @description From the start of the agent. */
            key: string;
            results: {
                monitorId: number;
                /**
                 * Format: date-time
                 * @description As it came with the check.
                 * @example 2027-01-01T00:00:00.000Z
                 */
                leaseUntil: string;
                /** @description How long ago the check began, so that no two clocks have to agree. */
                ageMs: number;
                /** @enum {string} */
                status: "up" | "degraded" | "down";
                responseTimeMs: number | null;
                statusCode: number | null;
                errorMessage: string | null;
            }[];
            /** @description Checks that could not be made for a reason of the agent’s own, such as a network that is gone. They say nothing about the monitor. */
            givenBack?: {
                monitorId: number;
                /**
                 * Format: date-time
                 * @description As it came with the check.
                 * @example 2027-01-01T00:00:00.000Z
                 */
                leaseUntil: string;
                /** @description For how long nobody shall take it. */
                afterMs: number;
            }[];
        };
        /**
         * @description What became of each result.
         * @example {
         *       "results": [
         *         {
         *           "monitorId": 42,
         *           "outcome": "accepted"
         *         }
         *       ]
         *     }
         */
        RegionReported: {
            /** @description In the order they were sent. `not_held`: the claim has ended, or the monitor was paused, changed or deleted. `too_late`: the check is older than two intervals. */
            results: {
                monitorId: number;
                /** @enum {string} */
                outcome: "accepted" | "not_held" | "too_late";
            }[];
        };
        /**
         * @description What the agent is to check now.
         * @example {
         *       "leaseMs": 60000,
         *       "checks": [
         *         {
         *           "monitorId": 42,
         *           "leaseUntil": "2026-05-13T18:01:00.000Z",
         *           "type": "https",
         *           "url": "https://shop.example.com/health",
         *           "timeoutMs": 10000,
         *           "intervalSec": 60,
         *           "expectedStatusCode": 200,
         *           "degradedResponseTimeMs": 1500,
         *           "headers": {
         *             "X-Probe": "owlery"
         *           }
         *         }
         *       ]
         *     }
         */
        RegionWork: {
            /** @description How long the claims last from now on; after that others may take them. */
            leaseMs: number;
            /** @description The longest waiting first. As many as asked for: there may be more. */
            checks: {
                monitorId: number;
                /**
                 * Format: date-time
                 * @description Names the claim; to be sent back as it is.
                 * @example 2026-05-13T18:00:00.000Z
                 */
                leaseUntil: string;
                /** @enum {string} */
                type: "http" | "https";
                url: string;
                timeoutMs: number;
                intervalSec: number;
                /** @description `null`: any below 400 is up. */
                expectedStatusCode: number | null;
                degradedResponseTimeMs: number | null;
                /** @description In plain text, to be sent with the check and kept nowhere. */
                headers: {
                    [key: string]: string;
                } | null;
            }[];
        };
        /**
         * @description The new account, its organization, and a first session.
         * @example {
         *       "token": "eyJhbGciOiJIUzI1NiJ9.e30.signature",
         *       "expiresIn": 2592000,
         *       "user": {
         *         "id": 7,
         *         "uuid": "5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11",
         *         "email": "ada@example.com",
         *         "name": null,
         *         "role": "owner",
         *         "createdAt": "2026-05-13T18:00:00.000Z"
         *       },
         *       "organization": {
         *         "id": 3,
         *         "name": "Analytical Engines",
         *         "slug": "analytical-engines",
         *         "plan": "self-hosted"
         *       }
         *     }
         */
        Registered: {
            /** @description The session, to be sent as a bearer token. */
            token: string;
            /** @description Seconds until the session ends, if it is not used. */
            expiresIn: number;
            user: components["schemas"]["UserSummary"];
            organization: components["schemas"]["OrganizationSummary"];
        };
        /**
         * @description A new account, which becomes the owner of a new organization.
         * @example {
         *       "email": "ada@example.com",
         *       "password": "three blind mice run",
         *       "organizationName": "Analytical Engines"
         *     }
         */
        Registration: {
            /**
             * @description Compared without regard to case.
             * @example ada@example.com
             */
            email: string;
            /**
             * Format: password
             * @description At least 10 characters; common passwords are refused.
             */
            password: string;
            name?: string;
            /** @description Named after the e-mail address if left out. */
            organizationName?: string;
        };
        /**
         * @description A new session. The same one is set as the HttpOnly cookie `token`.
         * @example {
         *       "token": "eyJhbGciOiJIUzI1NiJ9.e30.signature",
         *       "expiresIn": 2592000,
         *       "user": {
         *         "id": 7,
         *         "uuid": "5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11",
         *         "email": "ada@example.com",
         *         "name": "Ada",
         *         "role": "owner",
         *         "createdAt": "2026-05-13T18:00:00.000Z"
         *       }
         *     }
         */
        SignedIn: {
            /** @description The session, to be sent as a bearer token. */
            token: string;
            /** @description Seconds until the session ends, if it is not used. */
            expiresIn: number;
            user: components["schemas"]["UserSummary"];
        };
        /**
         * @description A status page as its organization sees it.
         * @example {
         *       "id": 3,
         *       "organizationId": 1,
         *       "slug": "acme",
         *       "title": "Acme status",
         *       "description": "How our services are.",
         *       "isPublic": true,
         *       "customDomain": "status.example.com",
         *       "logoUrl": null,
         *       "accentColor": "#1a7f37",
         *       "footerLinks": [
         *         {
         *           "label": "Imprint",
         *           "url": "https://example.com/imprint"
         *         }
         *       ],
         *       "customCss": null,
         *       "hideBranding": false,
         *       "ipAllowlist": [],
         *       "hasPassword": false,
         *       "components": [
         *         {
         *           "id": 7,
         *           "monitorId": 42,
         *           "name": "Shop",
         *           "group": "Websites",
         *           "position": 0
         *         }
         *       ],
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        StatusPage: {
            id: number;
            organizationId: number;
            slug: string;
            title: string;
            description: string | null;
            isPublic: boolean;
            customDomain: string | null;
            logoUrl: string | null;
            accentColor: string | null;
            footerLinks: components["schemas"]["StatusPageFooterLink"][];
            customCss: string | null;
            hideBranding: boolean;
            ipAllowlist: string[];
            /** @description The password itself is never shown, nor its hash. */
            hasPassword: boolean;
            components: components["schemas"]["StatusPageComponent"][];
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description A monitor on a page.
         * @example {
         *       "id": 7,
         *       "monitorId": 42,
         *       "name": "Shop",
         *       "group": "Websites",
         *       "position": 0
         *     }
         */
        StatusPageComponent: {
            id: number;
            monitorId: number;
            /** @description As it is shown. */
            name: string;
            group: string | null;
            position: number;
        };
        /**
         * @description A monitor to show, and how it is called there.
         * @example {
         *       "monitorId": 42,
         *       "name": "Shop",
         *       "group": "Websites"
         *     }
         */
        StatusPageComponentCreate: {
            /** @description A monitor of the organization. */
            monitorId: number;
            /** @description `null` or absent: the monitor’s own name. */
            name?: string | null;
            /** @description The heading it stands under, if any. */
            group?: string | null;
        };
        /**
         * @description What the page shall be.
         * @example {
         *       "slug": "acme",
         *       "title": "Acme status",
         *       "description": "How our services are.",
         *       "accentColor": "#1a7f37"
         *     }
         */
        StatusPageCreate: {
            /**
             * @description Names the page in its address; unique on the whole service.
             * @example acme
             */
            slug: string;
            title: string;
            /** @description Markdown: paragraphs, emphasis, links. */
            description?: string | null;
            /** @description Absent when creating: true. A page that is not is 404. */
            isPublic?: boolean;
            /**
             * @description A host that leads to this service.
             * @example status.example.com
             */
            customDomain?: string | null;
            /** @example https://example.com/logo.svg */
            logoUrl?: string | null;
            /** @example #1a7f37 */
            accentColor?: string | null;
            footerLinks?: components["schemas"]["StatusPageFooterLinkInput"][];
            /** @description Added to the page’s own. What loads something from elsewhere, or ends the style, is refused. */
            customCss?: string | null;
            hideBranding?: boolean;
            /** @description Addresses and ranges like `192.0.2.0/24`. Anybody else gets 404. Empty: everybody may read. */
            ipAllowlist?: string[];
            /** @description In the order they are shown. When changing, they replace the ones before. A monitor occurs once. */
            components?: components["schemas"]["StatusPageComponentCreate"][];
        };
        /**
         * @description A link at the end of the page.
         * @example {
         *       "label": "Imprint",
         *       "url": "https://example.com/imprint"
         *     }
         */
        StatusPageFooterLink: {
            label: string;
            url: string;
        };
        /**
         * @description A link at the end of the page.
         * @example {
         *       "label": "Imprint",
         *       "url": "https://example.com/imprint"
         *     }
         */
        StatusPageFooterLinkInput: {
            label: string;
            /** @example https://example.com/logo.svg */
            url: string;
        };
        /**
         * @description A sentence for people.
         * @example {
         *       "message": "If the address is right, a mail with a link is on its way."
         *     }
         */
        StatusPageNotice: {
            message: string;
        };
        /**
         * @description The password of the page, or none.
         * @example {
         *       "password": "three blind mice run"
         *     }
         */
        StatusPagePassword: {
            /**
             * Format: password
             * @description At least 8 characters; empty or `null` takes the password away.
             * @example three blind mice run
             */
            password: string | null;
        };
        /**
         * @description Whether there is one now.
         * @example {
         *       "hasPassword": true
         *     }
         */
        StatusPagePasswordSet: {
            hasPassword: boolean;
        };
        /**
         * @description Where to send mail.
         * @example {
         *       "email": "ada@example.com"
         *     }
         */
        StatusPageSubscribe: {
            /** @example ada@example.com */
            email: string;
        };
        /**
         * @description Somebody who wants mail about incidents.
         * @example {
         *       "id": 11,
         *       "email": "ada@example.com",
         *       "confirmedAt": "2026-05-13T18:05:00.000Z",
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        StatusPageSubscriber: {
            id: number;
            email: string;
            /**
             * Format: date-time
             * @description `null`: the link in the mail was not followed yet.
             * @example 2026-05-13T18:00:00.000Z
             */
            confirmedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description The password of the page.
         * @example {
         *       "password": "three blind mice run"
         *     }
         */
        StatusPageUnlock: {
            /**
             * Format: password
             * @example three blind mice run
             */
            password: string;
        };
        /**
         * @description The page is open, until then or until its password changes.
         * @example {
         *       "ok": true,
         *       "token": "1779192000.mF2gQ8pZ",
         *       "expiresIn": 43200
         *     }
         */
        StatusPageUnlocked: {
            ok: boolean;
            /** @description For the header X-Status-Page-Token; the cookie carries the same. */
            token: string;
            /** @description Seconds. */
            expiresIn: number;
        };
        /**
         * @description What to change, at least one field; `null` clears.
         * @example {
         *       "title": "Acme status",
         *       "isPublic": true
         *     }
         */
        StatusPageUpdate: {
            /**
             * @description Names the page in its address; unique on the whole service.
             * @example acme
             */
            slug?: string;
            title?: string;
            /** @description Markdown: paragraphs, emphasis, links. */
            description?: string | null;
            /** @description Absent when creating: true. A page that is not is 404. */
            isPublic?: boolean;
            /**
             * @description A host that leads to this service.
             * @example status.example.com
             */
            customDomain?: string | null;
            /** @example https://example.com/logo.svg */
            logoUrl?: string | null;
            /** @example #1a7f37 */
            accentColor?: string | null;
            footerLinks?: components["schemas"]["StatusPageFooterLinkInput"][];
            /** @description Added to the page’s own. What loads something from elsewhere, or ends the style, is refused. */
            customCss?: string | null;
            hideBranding?: boolean;
            /** @description Addresses and ranges like `192.0.2.0/24`. Anybody else gets 404. Empty: everybody may read. */
            ipAllowlist?: string[];
            /** @description In the order they are shown. When changing, they replace the ones before. A monitor occurs once. */
            components?: components["schemas"]["StatusPageComponentCreate"][];
        };
        /**
         * @description What became of the test alert, channel by channel.
         * @example {
         *       "results": [
         *         {
         *           "channel": "email",
         *           "configured": true,
         *           "ok": true
         *         },
         *         {
         *           "channel": "slack",
         *           "configured": true,
         *           "ok": false,
         *           "error": "the host name has no address"
         *         },
         *         {
         *           "channel": "opsgenie",
         *           "configured": false,
         *           "ok": false
         *         }
         *       ]
         *     }
         */
        TestAlertReport: {
            results: {
                /** @enum {string} */
                channel: "email" | "webhook" | "slack" | "discord" | "teams" | "telegram" | "pagerduty" | "opsgenie";
                configured: boolean;
                /** @description Whether the other side took it. False if there was nothing to try. */
                ok: boolean;
                error?: string;
            }[];
        };
        /**
         * @description A personal access token, without its secret.
         * @example {
         *       "id": 42,
         *       "name": "deploy-bot",
         *       "prefix": "obs_AbCdEfGh",
         *       "scopes": [
         *         "monitors:write",
         *         "logs:write"
         *       ],
         *       "dailyMutationLimit": 500,
         *       "dailyLogBytesLimit": 104857600,
         *       "lastUsedAt": null,
         *       "expiresAt": "2027-01-01T00:00:00.000Z",
         *       "revokedAt": null,
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        Token: {
            id: number;
            name: string;
            /** @description The first 12 characters, to tell tokens apart. */
            prefix: string;
            scopes: string[];
            dailyMutationLimit: number | null;
            dailyLogBytesLimit: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            lastUsedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            revokedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description What the token shall be. A token that mints another one passes on at most its own scopes, caps and life; what is left out is inherited. What the new token does counts against the daily caps of the one that minted it as well, and so on up the line.
         * @example {
         *       "name": "deploy-bot",
         *       "scopes": [
         *         "monitors:write",
         *         "logs:write"
         *       ],
         *       "dailyMutationLimit": 500
         *     }
         */
        TokenCreate: {
            name: string;
            /**
             * Format: date-time
             * @description In the future. Absent or `null`: never.
             * @example 2027-01-01T00:00:00.000Z
             */
            expiresAt?: string | null;
            /** @description Absent: `["*"]`. */
            scopes?: ("*" | "apps:*" | "apps:read" | "apps:write" | "attachments:*" | "attachments:read" | "attachments:write" | "audit:*" | "audit:read" | "commands:*" | "commands:write" | "context:*" | "context:read" | "cortex:*" | "cortex:read" | "cortex:write" | "deployments:*" | "deployments:read" | "deployments:write" | "devices:*" | "devices:read" | "devices:write" | "escalations:*" | "escalations:read" | "escalations:write" | "events:*" | "events:read" | "events:write" | "incidents:*" | "incidents:read" | "incidents:write" | "installers:*" | "installers:read" | "installers:write" | "issues:*" | "issues:read" | "issues:write" | "logs:*" | "logs:read" | "logs:write" | "machines:*" | "machines:read" | "machines:write" | "maintenance:*" | "maintenance:read" | "maintenance:write" | "metrics:*" | "metrics:read" | "metrics:write" | "monitors:*" | "monitors:read" | "monitors:write" | "on-call:*" | "on-call:read" | "on-call:write" | "processes:*" | "processes:read" | "processes:write" | "projects:*" | "projects:read" | "projects:write" | "regions:*" | "regions:work" | "saved-searches:*" | "saved-searches:read" | "saved-searches:write" | "screenshots:*" | "screenshots:read" | "secrets:*" | "secrets:read" | "sites:*" | "sites:read" | "sites:write" | "status-pages:*" | "status-pages:read" | "status-pages:write" | "tokens:*" | "tokens:write" | "webhooks:*" | "webhooks:read" | "webhooks:write")[];
            /** @description POST, PUT, PATCH and DELETE calls that succeed, per UTC day. Absent or `null`: no cap. */
            dailyMutationLimit?: number | null;
            /** @description Log bytes per UTC day. Absent or `null`: no cap. */
            dailyLogBytesLimit?: number | null;
        };
        /**
         * @description The new token with its secret.
         * @example {
         *       "id": 42,
         *       "name": "deploy-bot",
         *       "prefix": "obs_AbCdEfGh",
         *       "token": "obs_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg",
         *       "expiresAt": "2027-01-01T00:00:00.000Z",
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        TokenCreated: {
            id: number;
            name: string;
            prefix: string;
            /** @description The secret. It is shown this once. */
            token: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description Absent for sessions.
         * @example {
         *       "id": 42,
         *       "name": "deploy-bot",
         *       "prefix": "obs_AbCdEfGh",
         *       "scopes": [
         *         "monitors:write"
         *       ],
         *       "dailyMutationLimit": 500,
         *       "dailyLogBytesLimit": null,
         *       "expiresAt": null
         *     }
         */
        TokenInUse: {
            id: number;
            name: string;
            prefix: string;
            scopes: string[];
            dailyMutationLimit: number | null;
            dailyLogBytesLimit: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            expiresAt: string | null;
        };
        /**
         * @description Where an argument of a tool goes in the request.
         * @example {
         *       "in": "path",
         *       "name": "id"
         *     }
         */
        ToolArgument: {
            /** @enum {string} */
            in: "path" | "query" | "body";
            /** @description Its name there. Absent: it is the whole body. */
            name?: string;
        };
        /**
         * @description One file of tools.
         * @example {
         *       "format": "openai",
         *       "path": "/openapi/openai-tools.json",
         *       "tools": 12,
         *       "sha256": "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
         *     }
         */
        ToolCatalogue: {
            /** @enum {string} */
            format: "openai" | "anthropic" | "langchain";
            path: string;
            /** @description How many it holds. */
            tools: number;
            /** @description Of the file as it is served. */
            sha256: string;
        };
        /**
         * @description The catalogues, and what their formats have no place for.
         * @example {
         *       "catalogues": [
         *         {
         *           "format": "openai",
         *           "path": "/openapi/openai-tools.json",
         *           "tools": 12,
         *           "sha256": "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
         *         }
         *       ],
         *       "tools": [
         *         {
         *           "name": "uptime_monitors_get",
         *           "operationId": "uptime.monitors.get",
         *           "method": "GET",
         *           "path": "/api/v1/monitors/{id}",
         *           "use": "read",
         *           "scope": "monitors:read",
         *           "idempotent": false,
         *           "arguments": {
         *             "id": {
         *               "in": "path",
         *               "name": "id"
         *             }
         *           },
         *           "exampleCall": {
         *             "id": 42
         *           }
         *         }
         *       ]
         *     }
         */
        ToolIndex: {
            catalogues: components["schemas"]["ToolCatalogue"][];
            tools: components["schemas"]["IndexedTool"][];
        };
        /**
         * @description A person, with the role held in the organization at hand.
         * @example {
         *       "id": 7,
         *       "uuid": "5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11",
         *       "email": "ada@example.com",
         *       "name": "Ada",
         *       "role": "owner",
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        UserSummary: {
            id: number;
            /** Format: uuid */
            uuid: string;
            email: string;
            name: string | null;
            /** @enum {string} */
            role: "viewer" | "member" | "admin" | "owner";
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description What runs here.
         * @example {
         *       "name": "owlery",
         *       "version": "0.1.0",
         *       "contract": "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
         *       "startedAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        Version: {
            name: string;
            version: string;
            /** @description SHA-256 of the served openapi.yaml. */
            contract: string;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            startedAt: string;
        };
        /**
         * @description An event on its way to one subscription, and how its last attempt ended.
         * @example {
         *       "id": 118,
         *       "eventType": "incident.opened",
         *       "eventId": "incident.12.opened",
         *       "attempt": 1,
         *       "status": "delivered",
         *       "statusCode": 204,
         *       "errorMessage": null,
         *       "payloadJson": "{\"id\":\"incident.12.opened\",\"type\":\"incident.opened\",\"created\":1778695260,\"data\":{\"incident_id\":12}}",
         *       "responseBodyExcerpt": "",
         *       "nextAttemptAt": null,
         *       "deliveredAt": "2026-05-13T18:01:00.000Z",
         *       "createdAt": "2026-05-13T18:00:59.000Z"
         *     }
         */
        WebhookDeliveryEntry: {
            id: number;
            /** @enum {string} */
            eventType: "incident.opened" | "incident.acknowledged" | "incident.resolved" | "monitor.status_changed" | "log_alert.fired";
            /** @description The same in every attempt; `webhook-id` is this with `_` for `.`. */
            eventId: string;
            /** @description How many attempts were begun: counted before each is made, so no two carry the same number. */
            attempt: number;
            /**
             * @description `pending`: no attempt has ended yet. `failed`: will be tried again. `dead`: given up after five attempts.
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed" | "dead";
            /** @description What the receiver answered to the last attempt. */
            statusCode: number | null;
            errorMessage: string | null;
            /** @description The body, byte for byte as it is sent and signed. */
            payloadJson: string;
            /** @description The first 1024 bytes of the last answer. */
            responseBodyExcerpt: string | null;
            /**
             * Format: date-time
             * @description Not before this. `null` when it has ended, or waits for an earlier event of the same monitor.
             * @example 2026-05-13T18:00:00.000Z
             */
            nextAttemptAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            deliveredAt: string | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description What signs every webhook of the organization: HMAC of `<timestamp>.<raw body>`.
         * @example {
         *       "secret": "b3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "algorithm": "HMAC-SHA256",
         *       "signatureHeader": "X-24Observe-Signature",
         *       "timestampHeader": "X-24Observe-Timestamp",
         *       "toleranceSec": 300
         *     }
         */
        WebhookSecret: {
            /** @description 64 hexadecimal digits. The text itself is the key. */
            secret: string;
            /** @enum {string} */
            algorithm: "HMAC-SHA256";
            /** @description Carries `t=<unix seconds>,v1=<hex>`. */
            signatureHeader: string;
            timestampHeader: string;
            /** @description How old a signature may be before a receiver should refuse it. */
            toleranceSec: number;
        };
        /**
         * @description The new secret. The old one signs nothing any more.
         * @example {
         *       "secret": "b3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "algorithm": "HMAC-SHA256",
         *       "signatureHeader": "X-24Observe-Signature",
         *       "timestampHeader": "X-24Observe-Timestamp",
         *       "toleranceSec": 300,
         *       "rotatedAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        WebhookSecretRotated: {
            /** @description 64 hexadecimal digits. The text itself is the key. */
            secret: string;
            /** @enum {string} */
            algorithm: "HMAC-SHA256";
            /** @description Carries `t=<unix seconds>,v1=<hex>`. */
            signatureHeader: string;
            timestampHeader: string;
            /** @description How old a signature may be before a receiver should refuse it. */
            toleranceSec: number;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            rotatedAt: string;
        };
        /**
         * @description Where events are sent, and how that went lately.
         * @example {
         *       "id": 3,
         *       "url": "https://hooks.example.com/owlery",
         *       "eventTypes": [
         *         "incident.opened",
         *         "incident.resolved"
         *       ],
         *       "description": "The on-call bot",
         *       "enabled": true,
         *       "disabledAt": null,
         *       "disabledReason": null,
         *       "consecutiveFailures": 0,
         *       "lastDeliveryAt": "2026-05-13T18:01:00.000Z",
         *       "lastDeliveryStatus": "delivered",
         *       "lastDeliveryStatusCode": 204,
         *       "createdAt": "2026-05-13T18:00:00.000Z"
         *     }
         */
        WebhookSubscription: {
            id: number;
            url: string;
            eventTypes: ("incident.opened" | "incident.acknowledged" | "incident.resolved" | "monitor.status_changed" | "log_alert.fired")[];
            description: string | null;
            enabled: boolean;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            disabledAt: string | null;
            /** @description Why the service stopped sending; `null` where somebody else did, or nobody. */
            disabledReason: string | null;
            /** @description Deliveries in a row that were given up after their last attempt. Ten disable the subscription. */
            consecutiveFailures: number;
            /**
             * Format: date-time
             * @description When the last attempt ended.
             * @example 2026-05-13T18:00:00.000Z
             */
            lastDeliveryAt: string | null;
            /** @enum {string|null} */
            lastDeliveryStatus: "pending" | "delivered" | "failed" | "dead" | null;
            lastDeliveryStatusCode: number | null;
            /**
             * Format: date-time
             * @example 2026-05-13T18:00:00.000Z
             */
            createdAt: string;
        };
        /**
         * @description Where events shall be sent, and which.
         * @example {
         *       "url": "https://hooks.example.com/owlery",
         *       "eventTypes": [
         *         "incident.opened",
         *         "incident.resolved"
         *       ]
         *     }
         */
        WebhookSubscriptionCreate: {
            /** @description An http or https URL of a public host. Redirects are not followed. */
            url: string;
            /** @description The types of events to send; an empty list is all of them, also those to come. */
            eventTypes: ("incident.opened" | "incident.acknowledged" | "incident.resolved" | "monitor.status_changed" | "log_alert.fired")[];
            description?: string | null;
        };
        /**
         * @description What shall change: at least one field.
         * @example {
         *       "enabled": true
         *     }
         */
        WebhookSubscriptionUpdate: {
            /** @description An http or https URL of a public host. Redirects are not followed. */
            url?: string;
            /** @description The types of events to send; an empty list is all of them, also those to come. */
            eventTypes?: ("incident.opened" | "incident.acknowledged" | "incident.resolved" | "monitor.status_changed" | "log_alert.fired")[];
            description?: string | null;
            /** @description What waits is kept while it is `false`. `true` after a pause begins anew: it forgets the failures. */
            enabled?: boolean;
        };
    };
    responses: {
        /** @description `INTERNAL`: Something went wrong on our side. */
        ErrorInternal: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorInternal"];
            };
        };
        /** @description `INVALID_CREDENTIALS`: Wrong e-mail or password. */
        ErrorInvalidCredentials: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorInvalidCredentials"];
            };
        };
        /** @description `NOT_FOUND`: Not found. */
        ErrorNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorNotFound"];
            };
        };
        /** @description `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. */
        ErrorPatScopeInsufficient: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorPatScopeInsufficient"];
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The body is too large. */
        ErrorPayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorPayloadTooLarge"];
            };
        };
        /** @description `PRECONDITION_FAILED`: It has changed since you read it. */
        ErrorPreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorPreconditionFailed"];
            };
        };
        /** @description `RATE_LIMITED`: Too many requests. */
        ErrorRateLimited: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorRateLimited"];
            };
        };
        /** @description `REGION_KEY_INVALID`: Invalid key of a region’s agent. */
        ErrorRegionKeyInvalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorRegionKeyInvalid"];
            };
        };
        /** @description `REGISTRATION_BLOCKED`: This registration is not possible. */
        ErrorRegistrationBlocked: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorRegistrationBlocked"];
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: The service is not available right now. */
        ErrorServiceUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorServiceUnavailable"];
            };
        };
        /** @description `STATUS_PAGE_PASSWORD_INVALID`: Wrong password. */
        ErrorStatusPagePasswordInvalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorStatusPagePasswordInvalid"];
            };
        };
        /** @description `STATUS_PAGE_PASSWORD_REQUIRED`: This status page needs a password. */
        ErrorStatusPagePasswordRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorStatusPagePasswordRequired"];
            };
        };
        /** @description `UNAUTHORIZED`: Unauthorized. */
        ErrorUnauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorUnauthorized"];
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The body must be application/json. */
        ErrorUnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorUnsupportedMediaType"];
            };
        };
        /** @description `VALIDATION_FAILED`: The request is not valid. */
        ErrorValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorValidationFailed"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Names this request in the log. Taken from the request if it sends a sound one. */
        "X-Request-Id": string;
        /** @description Requests that the bucket of this address holds. */
        "X-RateLimit-Limit": number;
        /** @description Requests left in the bucket. */
        "X-RateLimit-Remaining": number;
        /** @description When the bucket is full again, in Unix seconds. */
        "X-RateLimit-Reset": number;
        /** @description The token’s daily cap of mutations, or `unlimited`. */
        "X-PAT-Mut-Limit": string;
        /** @description What is left today of the cap, and of those it counts against, or `unlimited`. */
        "X-PAT-Mut-Remaining": string;
        /** @description When the cap starts anew, in Unix seconds. */
        "X-PAT-Mut-Reset": number;
        /** @description `true` if this is the stored answer of an earlier request. */
        "Idempotent-Replayed": "true";
        /** @description The version of what is answered, for If-Match and If-None-Match. */
        ETag: string;
        /** @description Seconds to wait. */
        "Retry-After": number;
        /** @description Scripts of every site may read the answers, errors too. */
        "Access-Control-Allow-Origin": "*";
        /** @description A fresh name for the session, once the old one has aged. */
        "X-Refreshed-Token": string;
    };
    pathItems: never;
}
export interface operations {
    "platform.auth.register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Registration"];
            };
        };
        responses: {
            /** @description The account exists. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    /** @description The session as the HttpOnly cookie `token`. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Registered"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `PASSWORD_TOO_WEAK`: This password is too easy to guess. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorPasswordTooWeak"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            403: components["responses"]["ErrorRegistrationBlocked"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `REGISTRATION_BLOCKED`: This registration is not possible. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorRegistrationBlocked"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.auth.login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    /** @description The session as the HttpOnly cookie `token`. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            401: components["responses"]["ErrorInvalidCredentials"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.auth.forgotPassword": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordForgotten"];
            };
        };
        responses: {
            /** @description Always the same answer. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordResetRequested"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.auth.resetPassword": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordReset"];
            };
        };
        responses: {
            /** @description The password is set. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `PASSWORD_TOO_WEAK`: This password is too easy to guess. `RESET_TOKEN_INVALID`: This reset link is not valid any more. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorPasswordTooWeak"] | components["schemas"]["ErrorResetTokenInvalid"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.me.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.me.changePassword": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description The password is changed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `PASSWORD_TOO_WEAK`: This password is too easy to guess. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorPasswordTooWeak"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_CREDENTIALS`: Wrong e-mail or password. `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidCredentials"] | components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `SESSION_REQUIRED`: This needs a signed-in session, not a token. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorSessionRequired"];
                };
            };
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `PASSWORD_NOT_SET`: This account has no password yet. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorPasswordNotSet"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.members.list": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only members with a larger user id: the next page. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Members, by user id. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.members.update": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user id of the member. */
                userId: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberUpdate"];
            };
        };
        responses: {
            /** @description The member as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `SOLE_OWNER`: The only owner cannot step down. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorSoleOwner"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.webhookSecret.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret and how it signs. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSecret"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.webhookSecret.rotate": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new secret and how it signs. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSecretRotated"];
                };
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.tokens.list": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only tokens with a smaller id: the next page. */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tokens, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.tokens.create": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description The token, with its secret. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCreated"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_GRANT_EXCEEDED`: A token cannot grant more than it has. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatGrantExceeded"] | components["schemas"]["ErrorPatScopeInsufficient"];
                };
            };
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.tokens.delete": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the token. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.auditLogs.list": {
        parameters: {
            query?: {
                /** @description Only this action. */
                action?: "REGISTER" | "LOGIN" | "LOGIN_FAILED" | "REQUEST_PASSWORD_RESET" | "RESET_PASSWORD" | "CHANGE_PASSWORD" | "FIRST_START" | "CREATE_TOKEN" | "REVOKE_TOKEN" | "UPDATE_MEMBER_ROLE" | "READ_WEBHOOK_SECRET" | "ROTATE_WEBHOOK_SECRET" | "EXPORT_AUDIT_LOG" | "CREATE_MONITOR" | "UPDATE_MONITOR" | "DELETE_MONITOR" | "READ_MONITOR_SECRETS" | "START_REGION_AGENT" | "SEND_TEST_ALERT" | "ROTATE_HEARTBEAT_TOKEN" | "CREATE_INCIDENT_UPDATE" | "ACKNOWLEDGE_INCIDENT" | "RESOLVE_INCIDENT" | "UPDATE_INCIDENT_POSTMORTEM" | "CREATE_MAINTENANCE_WINDOW" | "DELETE_MAINTENANCE_WINDOW" | "CREATE_STATUS_PAGE" | "UPDATE_STATUS_PAGE" | "DELETE_STATUS_PAGE" | "SET_STATUS_PAGE_PASSWORD" | "CLEAR_STATUS_PAGE_PASSWORD" | "CREATE_STATUS_PAGE_COMPONENT" | "DELETE_STATUS_PAGE_COMPONENT" | "DELETE_STATUS_PAGE_SUBSCRIBER" | "CREATE_WEBHOOK_SUBSCRIPTION" | "UPDATE_WEBHOOK_SUBSCRIPTION" | "DELETE_WEBHOOK_SUBSCRIPTION";
                /** @description Only what the user with this id did. */
                actor?: number;
                /** @description Only what was done with the token with this id. */
                pat_id?: number;
                /** @description Only this thing. */
                resource?: string;
                /** @description Only rows of this moment or later. */
                from?: string;
                /** @description Only rows of this moment or earlier. */
                to?: string;
                /** @description How many to answer at most. Absent: 100, or all with `format=csv`. */
                limit?: number;
                /** @description The id of a row: only what comes after it in this order, which is the next page. */
                before?: number;
                /** @description Absent: `json`. */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rows, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditLog"][];
                    "text/csv": string;
                };
            };
            /** @description `BAD_TIME_RANGE`: `from` must not be after `to`. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadTimeRange"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.auditLogs.verify": {
        parameters: {
            query?: {
                /** @description The `head` of an earlier answer, as `position:hash`: the chain must still have this hash there. */
                expectedHead?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The outcome. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerification"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "platform.health.live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alive"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.health.ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
            /** @description Not ready. */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotReady"];
                };
            };
        };
    };
    "platform.health.metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The exposition format. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            401: components["responses"]["ErrorUnauthorized"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.health.version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.docs.errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every code, sorted. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorDescription"][];
                    "text/html": string;
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.docs.error": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An error code. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The code. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorDescription"];
                    "text/html": string;
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            404: components["responses"]["ErrorNotFound"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.docs.documentYaml": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of an earlier answer: 304 without a body if it is still the same.
                 * @example "SkT9M24lH6Gs8V4cciWZc0uXzYMiOfiq4qHedt-1GrA.br"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.toolCatalogues.index": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The catalogue. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    /** @description The SHA-256 of the file. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolIndex"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.toolCatalogues.openai": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The catalogue. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    /** @description The SHA-256 of the file. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenaiTool"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.toolCatalogues.anthropic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The catalogue. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    /** @description The SHA-256 of the file. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicTool"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "platform.toolCatalogues.langchain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The catalogue. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    /** @description The SHA-256 of the file. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LangchainTool"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            500: components["responses"]["ErrorInternal"];
        };
    };
    "uptime.monitors.list": {
        parameters: {
            query?: {
                /** @description Only monitors with this tag. Given several times: only those with all of them. */
                tag?: string[];
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only monitors with a smaller id: the next page. */
                before?: number;
                /** @description Skips so many. Slower the larger it is, and blind to what changes in between: prefer `before`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Monitors, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Monitor"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.create": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorCreate"];
            };
        };
        responses: {
            /** @description The new monitor. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorCreated"];
                };
            };
            /** @description `ALERT_URL_BLOCKED`: This alert URL must not be called from here. `ALERT_URL_INVALID`: This alert URL is not a usable http(s) address. `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `MONITOR_TARGET_UNSAFE`: This target must not be monitored from here. `PLAN_INTERVAL_TOO_LOW`: The plan does not allow an interval this short. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAlertUrlBlocked"] | components["schemas"]["ErrorAlertUrlInvalid"] | components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorMonitorTargetUnsafe"] | components["schemas"]["ErrorPlanIntervalTooLow"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `MONITOR_NAME_DUPLICATE`: A monitor with this name exists already. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorMonitorNameDuplicate"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `PLAN_LIMIT_MONITORS`: The plan does not allow more monitors. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorPlanLimitMonitors"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The monitor. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Monitor"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.delete": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.update": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorUpdate"];
            };
        };
        responses: {
            /** @description The monitor as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Monitor"];
                };
            };
            /** @description `ALERT_URL_BLOCKED`: This alert URL must not be called from here. `ALERT_URL_INVALID`: This alert URL is not a usable http(s) address. `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `MONITOR_TARGET_UNSAFE`: This target must not be monitored from here. `PLAN_INTERVAL_TOO_LOW`: The plan does not allow an interval this short. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAlertUrlBlocked"] | components["schemas"]["ErrorAlertUrlInvalid"] | components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorMonitorTargetUnsafe"] | components["schemas"]["ErrorPlanIntervalTooLow"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `MONITOR_NAME_DUPLICATE`: A monitor with this name exists already. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorMonitorNameDuplicate"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.getSecrets": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secrets. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorSecrets"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.testAlert": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of it, also if nothing arrived. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestAlertReport"];
                };
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.rotateHeartbeatToken": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new token, shown this once. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeartbeatTokenRotated"];
                };
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.bulkCreate": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorBulkCreate"];
            };
        };
        responses: {
            /** @description The new monitors. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorsCreated"];
                };
            };
            /** @description `ALERT_URL_BLOCKED`: This alert URL must not be called from here. `ALERT_URL_INVALID`: This alert URL is not a usable http(s) address. `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `MONITOR_TARGET_UNSAFE`: This target must not be monitored from here. `PLAN_INTERVAL_TOO_LOW`: The plan does not allow an interval this short. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAlertUrlBlocked"] | components["schemas"]["ErrorAlertUrlInvalid"] | components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorMonitorTargetUnsafe"] | components["schemas"]["ErrorPlanIntervalTooLow"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `MONITOR_NAME_DUPLICATE`: A monitor with this name exists already. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorMonitorNameDuplicate"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `PLAN_LIMIT_MONITORS`: The plan does not allow more monitors. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorPlanLimitMonitors"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.bulkDelete": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorBulkDelete"];
            };
        };
        responses: {
            /** @description The deleted monitors. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorsDeleted"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.monitors.bulkUpdate": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorBulkUpdate"];
            };
        };
        responses: {
            /** @description The changed monitors. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorsUpdated"];
                };
            };
            /** @description `ALERT_URL_BLOCKED`: This alert URL must not be called from here. `ALERT_URL_INVALID`: This alert URL is not a usable http(s) address. `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `MONITOR_TARGET_UNSAFE`: This target must not be monitored from here. `PLAN_INTERVAL_TOO_LOW`: The plan does not allow an interval this short. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAlertUrlBlocked"] | components["schemas"]["ErrorAlertUrlInvalid"] | components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorMonitorTargetUnsafe"] | components["schemas"]["ErrorPlanIntervalTooLow"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.checkHistory.list": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description The `cursor` of a check: only what comes after it in this order, which is the next page. */
                before?: string;
                /** @description Only checks of this moment or later. */
                from?: string;
                /** @description Only checks before this moment. */
                to?: string;
                /** @description Only checks that found this. */
                status?: "up" | "degraded" | "down";
                /** @description Only checks from there. */
                region?: "local" | "weur" | "enam" | "apac" | "oc" | "sam" | "afr";
            };
            header?: never;
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Checks, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Check"][];
                };
            };
            /** @description `BAD_TIME_RANGE`: `from` must not be after `to`. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadTimeRange"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.checkHistory.stats": {
        parameters: {
            query?: {
                /** @description How far back from now. */
                window?: "24h" | "7d" | "30d" | "90d";
            };
            header?: never;
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorStats"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.checkHistory.timeline": {
        parameters: {
            query?: {
                /** @description How far back from now. */
                hours?: number;
                /** @description The seconds of a piece: whole minutes that divide an hour, or whole hours that divide a day, and no more than 288 pieces. Absent: 60 up to 4 hours, 300 up to a day, 3600 up to 12 days, else 86400. */
                bucketSec?: number;
            };
            header?: never;
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The timeline. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorTimeline"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.list": {
        parameters: {
            query?: {
                /** @description `open` is whatever is not resolved. */
                status?: "investigating" | "identified" | "monitoring" | "resolved" | "open";
                /** @description Only incidents of this monitor. */
                monitorId?: number;
                /** @description Only incidents that started then or later. */
                from?: string;
                /** @description Only incidents that started before. */
                to?: string;
                /** @description How many to answer at most. */
                limit?: number;
                /** @description The id of an incident: only those that come after it, which is the next page. */
                before?: number;
                /** @description Skips so many. Slower the larger it is, and blind to what changes in between: prefer `before`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Incidents, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"][];
                };
            };
            /** @description `BAD_TIME_RANGE`: `from` must not be after `to`. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadTimeRange"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the incident. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The incident. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentWithUpdates"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.createUpdate": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the incident. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IncidentUpdateCreate"];
            };
        };
        responses: {
            /** @description The update. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentUpdate"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `INCIDENT_ALREADY_RESOLVED`: The incident is resolved already. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorIncidentAlreadyResolved"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.acknowledge": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the incident. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The incident as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `INCIDENT_ALREADY_RESOLVED`: The incident is resolved already. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorIncidentAlreadyResolved"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.resolve": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the incident. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["IncidentResolve"];
            };
        };
        responses: {
            /** @description The incident as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.putPostmortem": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the incident. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostmortemPut"];
            };
        };
        responses: {
            /** @description The incident as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.incidents.listDeliveries": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the incident. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alerts, oldest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentDelivery"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.maintenanceWindows.list": {
        parameters: {
            query?: {
                /** @description Only windows that are, or are not, in force right now. */
                active?: boolean;
                /** @description Only windows that end after this. */
                from?: string;
                /** @description Only windows that start before this. */
                to?: string;
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only windows with a smaller id: the next page. */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Maintenance windows, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaintenanceWindow"][];
                };
            };
            /** @description `BAD_TIME_RANGE`: `from` must not be after `to`. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadTimeRange"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.maintenanceWindows.create": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MaintenanceWindowCreate"];
            };
        };
        responses: {
            /** @description The new window. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaintenanceWindow"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.maintenanceWindows.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the maintenance window. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The window. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaintenanceWindow"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.maintenanceWindows.delete": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the maintenance window. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cancelled. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.heartbeats.ping": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token of the heartbeat monitor, 64 hexadecimal digits. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Received. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ErrorValidationFailed"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.regions.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every region. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Region"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.regions.startAgent": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegionAgentStart"];
            };
        };
        responses: {
            /** @description The agent, with its key. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionAgentStarted"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.regions.claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegionClaim"];
            };
        };
        responses: {
            /** @description The checks, perhaps none. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    /** @description `no-store` */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionWork"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            401: components["responses"]["ErrorRegionKeyInvalid"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.regions.report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegionReport"];
            };
        };
        responses: {
            /** @description What became of each result. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionReported"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            401: components["responses"]["ErrorRegionKeyInvalid"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.badges.get": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of an earlier answer: 304 without a body if it is still the same.
                 * @example "SkT9M24lH6Gs8V4cciWZc0uXzYMiOfiq4qHedt-1GrA.br"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The id of the monitor. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The badge. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    /** @description For a minute, by everybody. */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description No such badge: an image that says `unknown`. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.webhookSubscriptions.list": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only subscriptions with a smaller id: the next page. */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Subscriptions, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscription"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.webhookSubscriptions.create": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookSubscriptionCreate"];
            };
        };
        responses: {
            /** @description The new subscription. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscription"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. `WEBHOOK_URL_UNRESOLVABLE`: This webhook URL leads nowhere. `WEBHOOK_URL_UNSAFE`: This webhook URL must not be called from here. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"] | components["schemas"]["ErrorWebhookUrlUnresolvable"] | components["schemas"]["ErrorWebhookUrlUnsafe"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.webhookSubscriptions.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the subscription. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscription"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.webhookSubscriptions.delete": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the subscription. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.webhookSubscriptions.update": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the subscription. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookSubscriptionUpdate"];
            };
        };
        responses: {
            /** @description The subscription as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSubscription"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. `WEBHOOK_URL_UNRESOLVABLE`: This webhook URL leads nowhere. `WEBHOOK_URL_UNSAFE`: This webhook URL must not be called from here. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"] | components["schemas"]["ErrorWebhookUrlUnresolvable"] | components["schemas"]["ErrorWebhookUrlUnsafe"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.webhookSubscriptions.listDeliveries": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only deliveries with a smaller id: the next page. */
                before?: number;
            };
            header?: never;
            path: {
                /** @description The id of the subscription. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deliveries, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryEntry"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.list": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only those with a smaller id: the next page. */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Status pages, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPage"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.create": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusPageCreate"];
            };
        };
        responses: {
            /** @description The new page. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPage"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `STATUS_PAGE_DOMAIN_TAKEN`: This domain is in use. `STATUS_PAGE_SLUG_TAKEN`: This slug is in use. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorStatusPageDomainTaken"] | components["schemas"]["ErrorStatusPageSlugTaken"];
                };
            };
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the status page. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPage"];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            403: components["responses"]["ErrorPatScopeInsufficient"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.delete": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the status page. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.update": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the status page. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusPageUpdate"];
            };
        };
        responses: {
            /** @description The page as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPage"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. `STATUS_PAGE_DOMAIN_TAKEN`: This domain is in use. `STATUS_PAGE_SLUG_TAKEN`: This slug is in use. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"] | components["schemas"]["ErrorStatusPageDomainTaken"] | components["schemas"]["ErrorStatusPageSlugTaken"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.setPassword": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the status page. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusPagePassword"];
            };
        };
        responses: {
            /** @description Whether there is a password now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPagePasswordSet"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.createComponent": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the status page. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusPageComponentCreate"];
            };
        };
        responses: {
            /** @description The new component. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageComponent"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.deleteComponent": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
                /**
                 * @description Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.
                 * @example "7"
                 */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the status page. */
                id: number;
                /** @description The id of the component. */
                cid: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken off. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            412: components["responses"]["ErrorPreconditionFailed"];
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.listSubscribers": {
        parameters: {
            query?: {
                /** @description How many to answer at most. */
                limit?: number;
                /** @description Only those with a smaller id: the next page. */
                before?: number;
            };
            header?: never;
            path: {
                /** @description The id of the status page. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Subscribers, newest first. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageSubscriber"][];
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.statusPages.deleteSubscriber": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.
                 * @example 0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the status page. */
                id: number;
                /** @description The id of the subscriber. */
                sid: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-PAT-Mut-Limit": components["headers"]["X-PAT-Mut-Limit"];
                    "X-PAT-Mut-Remaining": components["headers"]["X-PAT-Mut-Remaining"];
                    "X-PAT-Mut-Reset": components["headers"]["X-PAT-Mut-Reset"];
                    "X-Refreshed-Token": components["headers"]["X-Refreshed-Token"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `IDEMPOTENCY_KEY_TOO_LONG`: The Idempotency-Key must be 1 to 255 printable characters. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyKeyTooLong"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            /** @description `INVALID_TOKEN`: Invalid token. `UNAUTHORIZED`: Unauthorized. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorInvalidToken"] | components["schemas"]["ErrorUnauthorized"];
                };
            };
            /** @description `CROSS_ORIGIN_REFUSED`: This request did not come from this site. `PAT_SCOPE_INSUFFICIENT`: The token lacks a scope. `ROLE_INSUFFICIENT`: Your role does not allow this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorCrossOriginRefused"] | components["schemas"]["ErrorPatScopeInsufficient"] | components["schemas"]["ErrorRoleInsufficient"];
                };
            };
            404: components["responses"]["ErrorNotFound"];
            /** @description `IDEMPOTENCY_IN_PROGRESS`: A request with this Idempotency-Key is still running. `IDEMPOTENCY_KEY_REPLAY_CONFLICT`: This Idempotency-Key was used for another request. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorIdempotencyInProgress"] | components["schemas"]["ErrorIdempotencyKeyReplayConflict"];
                };
            };
            /** @description `PAT_DAILY_LIMIT_EXCEEDED`: The daily limit of this token is used up. `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorPatDailyLimitExceeded"] | components["schemas"]["ErrorRateLimited"];
                };
            };
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.get": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of an earlier answer: 304 without a body if it is still the same.
                 * @example "SkT9M24lH6Gs8V4cciWZc0uXzYMiOfiq4qHedt-1GrA.br"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The slug of the page. */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page as data. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    /** @description For 15 seconds by everybody, or not at all if not everybody may read it. */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicStatusPage"];
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ErrorValidationFailed"];
            401: components["responses"]["ErrorStatusPagePasswordRequired"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.getByHost": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of an earlier answer: 304 without a body if it is still the same.
                 * @example "SkT9M24lH6Gs8V4cciWZc0uXzYMiOfiq4qHedt-1GrA.br"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @description A host name. */
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page as data. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicStatusPage"];
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ErrorValidationFailed"];
            401: components["responses"]["ErrorStatusPagePasswordRequired"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.getFeed": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of an earlier answer: 304 without a body if it is still the same.
                 * @example "SkT9M24lH6Gs8V4cciWZc0uXzYMiOfiq4qHedt-1GrA.br"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The slug of the page. */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The feed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content: {
                    "application/atom+xml": string;
                };
            };
            /** @description The caller has it already. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    ETag: components["headers"]["ETag"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ErrorValidationFailed"];
            401: components["responses"]["ErrorStatusPagePasswordRequired"];
            404: components["responses"]["ErrorNotFound"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.unlock": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug of the page. */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusPageUnlock"];
            };
        };
        responses: {
            /** @description Unlocked. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    /** @description The same token. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageUnlocked"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            401: components["responses"]["ErrorStatusPagePasswordInvalid"];
            404: components["responses"]["ErrorNotFound"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.subscribe": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug of the page. */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusPageSubscribe"];
            };
        };
        responses: {
            /** @description Taken. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageNotice"];
                };
            };
            /** @description `BAD_COMPRESSED_BODY`: The compressed body could not be unpacked. `BAD_JSON`: The body is not valid JSON. `VALIDATION_FAILED`: The request is not valid. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBadCompressedBody"] | components["schemas"]["ErrorBadJson"] | components["schemas"]["ErrorValidationFailed"];
                };
            };
            401: components["responses"]["ErrorStatusPagePasswordRequired"];
            404: components["responses"]["ErrorNotFound"];
            413: components["responses"]["ErrorPayloadTooLarge"];
            415: components["responses"]["ErrorUnsupportedMediaType"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.confirmSubscription": {
        parameters: {
            query: {
                /** @description The token from the mail. */
                token: string;
            };
            header?: never;
            path: {
                /** @description The slug of the page. */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Confirmed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageNotice"];
                    "text/html": string;
                };
            };
            /** @description The link is not valid: a page for browsers, else JSON. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorValidationFailed"];
                    "text/html": string;
                };
            };
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.unsubscribe": {
        parameters: {
            query: {
                /** @description The token from the mail. */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No more mail, also if there was none before. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageNotice"];
                    "text/html": string;
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
    "uptime.publicStatusPages.unsubscribeByMail": {
        parameters: {
            query: {
                /** @description The token from the mail. */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No more mail, also if there was none before. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusPageNotice"];
                    "text/html": string;
                };
            };
            400: components["responses"]["ErrorValidationFailed"];
            429: components["responses"]["ErrorRateLimited"];
            500: components["responses"]["ErrorInternal"];
            503: components["responses"]["ErrorServiceUnavailable"];
        };
    };
}

type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];
export interface Alive extends Schema<'Alive'> {}
export interface AnthropicTool extends Schema<'AnthropicTool'> {}
export interface AuditLog extends Schema<'AuditLog'> {}
export interface AuditVerification extends Schema<'AuditVerification'> {}
export interface Check extends Schema<'Check'> {}
export interface Dependency extends Schema<'Dependency'> {}
export interface ErrorDescription extends Schema<'ErrorDescription'> {}
export interface ErrorField extends Schema<'ErrorField'> {}
export interface HeartbeatTokenRotated extends Schema<'HeartbeatTokenRotated'> {}
export interface Incident extends Schema<'Incident'> {}
export interface IncidentDelivery extends Schema<'IncidentDelivery'> {}
export interface IncidentResolve extends Schema<'IncidentResolve'> {}
export interface IncidentUpdate extends Schema<'IncidentUpdate'> {}
export interface IncidentUpdateCreate extends Schema<'IncidentUpdateCreate'> {}
export interface IncidentWithUpdates extends Schema<'IncidentWithUpdates'> {}
export interface IndexedTool extends Schema<'IndexedTool'> {}
export interface JsonSchema extends Schema<'JsonSchema'> {}
export interface LangchainTool extends Schema<'LangchainTool'> {}
export interface Login extends Schema<'Login'> {}
export interface MaintenanceWindow extends Schema<'MaintenanceWindow'> {}
export interface MaintenanceWindowCreate extends Schema<'MaintenanceWindowCreate'> {}
export interface Me extends Schema<'Me'> {}
export interface Member extends Schema<'Member'> {}
export interface MemberUpdate extends Schema<'MemberUpdate'> {}
export interface Monitor extends Schema<'Monitor'> {}
export interface MonitorBulkCreate extends Schema<'MonitorBulkCreate'> {}
export interface MonitorBulkDelete extends Schema<'MonitorBulkDelete'> {}
export interface MonitorBulkPatch extends Schema<'MonitorBulkPatch'> {}
export interface MonitorBulkUpdate extends Schema<'MonitorBulkUpdate'> {}
export interface MonitorCreate extends Schema<'MonitorCreate'> {}
export interface MonitorCreated extends Schema<'MonitorCreated'> {}
export interface MonitorsCreated extends Schema<'MonitorsCreated'> {}
export interface MonitorsDeleted extends Schema<'MonitorsDeleted'> {}
export interface MonitorSecrets extends Schema<'MonitorSecrets'> {}
export interface MonitorStats extends Schema<'MonitorStats'> {}
export interface MonitorsUpdated extends Schema<'MonitorsUpdated'> {}
export interface MonitorTimeline extends Schema<'MonitorTimeline'> {}
export interface MonitorUpdate extends Schema<'MonitorUpdate'> {}
export interface NotReady extends Schema<'NotReady'> {}
export interface OpenaiFunction extends Schema<'OpenaiFunction'> {}
export interface OpenaiTool extends Schema<'OpenaiTool'> {}
export interface OrganizationSummary extends Schema<'OrganizationSummary'> {}
export interface PasswordChange extends Schema<'PasswordChange'> {}
export interface PasswordForgotten extends Schema<'PasswordForgotten'> {}
export interface PasswordReset extends Schema<'PasswordReset'> {}
export interface PasswordResetRequested extends Schema<'PasswordResetRequested'> {}
export interface PostmortemPut extends Schema<'PostmortemPut'> {}
export interface PublicBranding extends Schema<'PublicBranding'> {}
export interface PublicComponent extends Schema<'PublicComponent'> {}
export interface PublicComponentDay extends Schema<'PublicComponentDay'> {}
export interface PublicIncident extends Schema<'PublicIncident'> {}
export interface PublicIncidentUpdate extends Schema<'PublicIncidentUpdate'> {}
export interface PublicMaintenance extends Schema<'PublicMaintenance'> {}
export interface PublicStatusPage extends Schema<'PublicStatusPage'> {}
export interface Quota extends Schema<'Quota'> {}
export interface Ready extends Schema<'Ready'> {}
export interface Region extends Schema<'Region'> {}
export interface RegionAgentStart extends Schema<'RegionAgentStart'> {}
export interface RegionAgentStarted extends Schema<'RegionAgentStarted'> {}
export interface RegionClaim extends Schema<'RegionClaim'> {}
export interface RegionReport extends Schema<'RegionReport'> {}
export interface RegionReported extends Schema<'RegionReported'> {}
export interface RegionWork extends Schema<'RegionWork'> {}
export interface Registered extends Schema<'Registered'> {}
export interface Registration extends Schema<'Registration'> {}
export interface SignedIn extends Schema<'SignedIn'> {}
export interface StatusPage extends Schema<'StatusPage'> {}
export interface StatusPageComponent extends Schema<'StatusPageComponent'> {}
export interface StatusPageComponentCreate extends Schema<'StatusPageComponentCreate'> {}
export interface StatusPageCreate extends Schema<'StatusPageCreate'> {}
export interface StatusPageFooterLink extends Schema<'StatusPageFooterLink'> {}
export interface StatusPageFooterLinkInput extends Schema<'StatusPageFooterLinkInput'> {}
export interface StatusPageNotice extends Schema<'StatusPageNotice'> {}
export interface StatusPagePassword extends Schema<'StatusPagePassword'> {}
export interface StatusPagePasswordSet extends Schema<'StatusPagePasswordSet'> {}
export interface StatusPageSubscribe extends Schema<'StatusPageSubscribe'> {}
export interface StatusPageSubscriber extends Schema<'StatusPageSubscriber'> {}
export interface StatusPageUnlock extends Schema<'StatusPageUnlock'> {}
export interface StatusPageUnlocked extends Schema<'StatusPageUnlocked'> {}
export interface StatusPageUpdate extends Schema<'StatusPageUpdate'> {}
export interface TestAlertReport extends Schema<'TestAlertReport'> {}
export interface Token extends Schema<'Token'> {}
export interface TokenCreate extends Schema<'TokenCreate'> {}
export interface TokenCreated extends Schema<'TokenCreated'> {}
export interface TokenInUse extends Schema<'TokenInUse'> {}
export interface ToolArgument extends Schema<'ToolArgument'> {}
export interface ToolCatalogue extends Schema<'ToolCatalogue'> {}
export interface ToolIndex extends Schema<'ToolIndex'> {}
export interface UserSummary extends Schema<'UserSummary'> {}
export interface Version extends Schema<'Version'> {}
export interface WebhookDeliveryEntry extends Schema<'WebhookDeliveryEntry'> {}
export interface WebhookSecret extends Schema<'WebhookSecret'> {}
export interface WebhookSecretRotated extends Schema<'WebhookSecretRotated'> {}
export interface WebhookSubscription extends Schema<'WebhookSubscription'> {}
export interface WebhookSubscriptionCreate extends Schema<'WebhookSubscriptionCreate'> {}
export interface WebhookSubscriptionUpdate extends Schema<'WebhookSubscriptionUpdate'> {}
