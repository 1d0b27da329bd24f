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
    "tokens": {
      "list": "GET /api/v1/me/tokens qj 6 k:before:id:100",
      "create": "POST /api/v1/me/tokens bij 7",
      "delete": "DELETE /api/v1/me/tokens/{id} i 8"
    },
    "health": {
      "live": "GET /health/live j 9",
      "ready": "GET /health/ready j a",
      "metrics": "GET /metrics t b",
      "version": "GET /version j 9"
    },
    "docs": {
      "errors": "GET /docs/errors j 9",
      "error": "GET /docs/errors/{code} j c",
      "documentYaml": "GET /openapi.yaml t 9"
    },
    "toolCatalogues": {
      "index": "GET /openapi/tools-index.json j 9",
      "openai": "GET /openapi/openai-tools.json j 9",
      "anthropic": "GET /openapi/anthropic-tools.json j 9",
      "langchain": "GET /openapi/langchain-tools.json j 9"
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
  "020305060708090b0i0j0k0l0p0t0w0x0y",
  "05060708090b0f0i0k0p0t0w0y",
  "090y",
  "090t0y",
  "090w0y",
  "090f0y"
]
