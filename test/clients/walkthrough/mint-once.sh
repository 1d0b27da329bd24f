KEY=$(uuidgen)
for attempt in first second; do
  curl -X POST https://api.24observe.com/api/v1/me/tokens \
    -H 'Authorization: Bearer obs_...' \
    -H "Idempotency-Key: $KEY" \
    -H 'Content-Type: application/json' \
    -d '{"name":"once"}'
done
