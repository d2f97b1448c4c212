#!/usr/bin/env bash
# Builds the S3 server that tests of the file store run against, from the pinned modules in scripts/s3-server, into .tools/s3-server.
# Needs Go and half a minute. Without it those tests are skipped, which SLUICEGATE_REQUIRE_S3=1 forbids.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/s3-server"

mkdir -p ../../.tools
go build -trimpath -o ../../.tools/s3-server .
