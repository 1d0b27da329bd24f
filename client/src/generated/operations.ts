// Generated from openapi.yaml by `npm run generate`; changes here are lost.

export const operations = {
  "platform": {
    "auth": {
      "register": "POST /api/v1/auth/register bj 0",
      "login": "POST /api/v1/auth/login bj 1",
      "forgotPassword": "POST /api/v1/auth/forgot-password bj 2",
      "resetPassword": "POST /api/v1/auth/reset-password b 3"
    },
    "me": {
      "get": "GET /api/v1/me j 4",
      "changePassword": "POST /api/v1/me/change-password bi 5"
    },
    "members": {
      "list": "GET /api/v1/me/members qj 6 k:after:userId:500",
      "update": "PATCH /api/v1/me/members/{userId} bij 7"
    },
    "webhookSecret": {
      "get": "GET /api/v1/me/webhook-secret j 8",
      "rotate": "POST /api/v1/me/webhook-secret/rotate ij 9"
    },
    "tokens": {
      "list": "GET /api/v1/me/tokens qj 6 k:before:id:100",
      "create": "POST /api/v1/me/tokens bij a",
      "delete": "DELETE /api/v1/me/tokens/{id} i b"
    },
    "auditLogs": {
      "list": "GET /api/v1/audit-logs qjt c k:before:id:0",
      "verify": "GET /api/v1/audit-logs/verify qj 8"
    },
    "health": {
      "live": "GET /health/live j d",
      "ready": "GET /health/ready j e",
      "metrics": "GET /metrics t f",
      "version": "GET /version j d"
    },
    "docs": {
      "errors": "GET /docs/errors j d",
      "error": "GET /docs/errors/{code} j g",
      "documentYaml": "GET /openapi.yaml t d"
    },
    "toolCatalogues": {
      "index": "GET /openapi/tools-index.json j d",
      "openai": "GET /openapi/openai-tools.json j d",
      "anthropic": "GET /openapi/anthropic-tools.json j d",
      "langchain": "GET /openapi/langchain-tools.json j d"
    }
  },
  "uptime": {
    "monitors": {
      "list": "GET /api/v1/monitors qj 6 k:before:id:500",
      "create": "POST /api/v1/monitors bij h",
      "get": "GET /api/v1/monitors/{id} j i",
      "update": "PATCH /api/v1/monitors/{id} bij j",
      "delete": "DELETE /api/v1/monitors/{id} i k",
      "getSecrets": "GET /api/v1/monitors/{id}/secrets j l",
      "testAlert": "POST /api/v1/monitors/{id}/test-alert ij m",
      "rotateHeartbeatToken": "POST /api/v1/monitors/{id}/rotate-heartbeat-token ij m",
      "bulkCreate": "POST /api/v1/monitors/bulk bij h",
      "bulkUpdate": "PATCH /api/v1/monitors/bulk bij n",
      "bulkDelete": "DELETE /api/v1/monitors/bulk bij o"
    }
  }
}

export const codeSets: readonly string[] = [
  "0203090h0l0q0t0x0y",
  "0203090a0l0p0t0x0y",
  "0203090l0p0t0x0y",
  "0203090h0l0p0r0t0x0y",
  "090b0p0t0w0y",
  "020305060708090a0b0g0h0l0p0t0u0w0x0y",
  "090b0k0p0t0w0y",
  "020305060708090b0f0i0k0l0p0s0t0v0w0x0y",
  "090b0k0p0s0t0w0y",
  "05060708090b0i0k0p0s0t0w0y",
  "020305060708090b0i0j0k0l0p0t0w0x0y",
  "05060708090b0f0i0k0p0t0w0y",
  "04090b0k0p0s0t0w0y",
  "090y",
  "090t0y",
  "090w0y",
  "090f0y",
  "0001020305060708090b0d0e0i0k0l0m0n0p0s0t0w0x0y",
  "090b0f0k0p0t0w0y",
  "0001020305060708090b0d0e0f0i0k0l0m0o0p0s0t0w0x0y",
  "05060708090b0f0i0k0o0p0s0t0w0y",
  "090b0f0k0p0s0t0w0y",
  "05060708090b0f0i0k0p0s0t0w0y",
  "0001020305060708090b0e0f0i0k0l0m0p0s0t0w0x0y",
  "020305060708090b0f0i0k0l0p0s0t0w0x0y"
]
