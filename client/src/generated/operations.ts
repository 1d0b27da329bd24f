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
      "error": "GET /docs/errors/{code} j 9",
      "documentYaml": "GET /openapi.yaml t 9"
    }
  }
}

export const codeSets: readonly string[] = [
  "0001060c0g0i0l0o0p",
  "000106070g0h0l0o0p",
  "0001060g0h0l0o0p",
  "0001060c0g0h0j0l0o0p",
  "06080h0l0n0p",
  "0001020304050607080b0c0g0h0l0m0n0o0p",
  "06080f0h0l0n0p",
  "00010203040506080d0e0f0g0h0l0n0o0p",
  "0203040506080a0d0f0h0l0n0p",
  "060p",
  "060l0p",
  "060n0p"
]
