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
    },
    "checkHistory": {
      "list": "GET /api/v1/monitors/{id}/checks qj p k:before:cursor:100",
      "stats": "GET /api/v1/monitors/{id}/stats qj i",
      "timeline": "GET /api/v1/monitors/{id}/timeline qj i"
    },
    "incidents": {
      "list": "GET /api/v1/incidents qj q k:before:id:50",
      "get": "GET /api/v1/incidents/{id} j i",
      "createUpdate": "POST /api/v1/incidents/{id}/updates bij r",
      "acknowledge": "POST /api/v1/incidents/{id}/acknowledge ij s",
      "resolve": "POST /api/v1/incidents/{id}/resolve bij t",
      "putPostmortem": "PUT /api/v1/incidents/{id}/postmortem bij t",
      "listDeliveries": "GET /api/v1/incidents/{id}/deliveries j i"
    },
    "maintenanceWindows": {
      "list": "GET /api/v1/maintenance-windows qj q k:before:id:100",
      "create": "POST /api/v1/maintenance-windows bij o",
      "get": "GET /api/v1/maintenance-windows/{id} j i",
      "delete": "DELETE /api/v1/maintenance-windows/{id} i m"
    },
    "heartbeats": {
      "ping": "POST /api/v1/heartbeats/{token}  u"
    },
    "regions": {
      "list": "GET /api/v1/regions j 6",
      "startAgent": "POST /api/v1/regions/agents bij v",
      "claim": "POST /api/v1/regions/claims bj w",
      "report": "POST /api/v1/regions/results bj w"
    },
    "badges": {
      "get": "GET /api/v1/badge/monitors/{id}.svg t x"
    },
    "webhookSubscriptions": {
      "list": "GET /api/v1/webhook-subscriptions qj 6 k:before:id:100",
      "create": "POST /api/v1/webhook-subscriptions bij y",
      "get": "GET /api/v1/webhook-subscriptions/{id} j i",
      "update": "PATCH /api/v1/webhook-subscriptions/{id} bij z",
      "delete": "DELETE /api/v1/webhook-subscriptions/{id} i k",
      "listDeliveries": "GET /api/v1/webhook-subscriptions/{id}/deliveries qj i k:before:id:50"
    },
    "statusPages": {
      "list": "GET /api/v1/status-pages qj 6 k:before:id:100",
      "create": "POST /api/v1/status-pages bij 10",
      "get": "GET /api/v1/status-pages/{id} j i",
      "update": "PATCH /api/v1/status-pages/{id} bij 11",
      "delete": "DELETE /api/v1/status-pages/{id} i k",
      "setPassword": "PUT /api/v1/status-pages/{id}/password bij t",
      "createComponent": "POST /api/v1/status-pages/{id}/components bij t",
      "deleteComponent": "DELETE /api/v1/status-pages/{id}/components/{cid} i k",
      "listSubscribers": "GET /api/v1/status-pages/{id}/subscribers qj l k:before:id:100",
      "deleteSubscriber": "DELETE /api/v1/status-pages/{id}/subscribers/{sid} i m"
    },
    "publicStatusPages": {
      "get": "GET /api/v1/status-pages/public/{slug} j 12",
      "getByHost": "GET /api/v1/status-pages/public/by-host/{host} j 12",
      "getFeed": "GET /api/v1/status-pages/public/{slug}/feed.xml t 12",
      "unlock": "POST /api/v1/status-pages/public/{slug}/unlock bj 13",
      "subscribe": "POST /api/v1/status-pages/public/{slug}/subscribe bj 14",
      "confirmSubscription": "GET /api/v1/status-pages/public/{slug}/subscribe/confirm qj x",
      "unsubscribe": "GET /api/v1/status-pages/public/unsubscribe qj x",
      "unsubscribeByMail": "POST /api/v1/status-pages/public/unsubscribe qj x"
    }
  }
}

export const codeSets: readonly string[] = [
  "02030a0i0m0s0v1314",
  "02030a0b0m0q0v1314",
  "02030a0m0q0v1314",
  "02030a0i0m0q0t0v1314",
  "0a0c0q0v1214",
  "0203050607080a0b0c0h0i0m0q0v0w121314",
  "0a0c0l0q0v1214",
  "0203050607080a0c0g0j0l0m0q0u0v0x121314",
  "0a0c0l0q0u0v1214",
  "050607080a0c0j0l0q0u0v1214",
  "0203050607080a0c0j0k0l0m0q0v121314",
  "050607080a0c0g0j0l0q0v1214",
  "040a0c0l0q0u0v1214",
  "0a14",
  "0a0v14",
  "0a1214",
  "0a0g14",
  "00010203050607080a0c0e0f0g0j0l0m0n0o0q0u0v121314",
  "0a0c0g0l0q0v1214",
  "00010203050607080a0c0e0f0g0j0l0m0n0p0q0u0v121314",
  "050607080a0c0g0j0l0p0q0u0v1214",
  "0a0c0g0l0q0u0v1214",
  "050607080a0c0g0j0l0q0u0v1214",
  "00010203050607080a0c0f0g0j0l0m0n0q0u0v121314",
  "0203050607080a0c0g0j0l0m0q0u0v121314",
  "040a0c0g0l0q0v1214",
  "040a0c0l0q0v1214",
  "020305060708090a0c0g0j0l0m0p0q0u0v121314",
  "05060708090a0c0g0j0l0p0q0u0v1214",
  "0203050607080a0c0g0j0l0m0p0q0u0v121314",
  "0a0g0q0v14",
  "0203050607080a0c0j0l0m0q0u0v121314",
  "02030a0m0q0r0v1314",
  "0a0q0v14",
  "0203050607080a0c0j0l0m0q0u0v1213141516",
  "0203050607080a0c0g0j0l0m0p0q0u0v1213141516",
  "0203050607080a0c0g0j0l0m0q0u0v0y11121314",
  "0203050607080a0c0g0j0l0m0p0q0u0v0y11121314",
  "0a0g0q0v1014",
  "02030a0g0m0q0v0z1314",
  "02030a0g0m0q0v101314"
]
