curl -X POST https://api.24observe.com/api/v1/me/tokens \
  -H 'Authorization: Bearer obs_existing...' \
  -H 'Content-Type: application/json' \
  -d '{"name":"aeoniti-bot","expiresAt":"2027-01-01T00:00:00Z"}'
