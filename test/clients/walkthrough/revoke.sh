curl -X DELETE https://api.24observe.com/api/v1/me/tokens/42 \
  -H 'Authorization: Bearer obs_...'
