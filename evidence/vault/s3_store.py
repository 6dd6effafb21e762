"""One S3 store, spoken to: a request goes out, and its answer or the product's error comes back.

Nothing of whoever started us reaches it: no profile, no proxy, no key of the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import ConnectionError as S3ConnectionError
from botocore.parsers import ResponseParserError

from evidence.digest import BLOCK
from evidence.errors import SetupError, VaultUnreachable
from evidence.vault import Bucket, SignedRequest
from evidence.vault.encryption import Asked
from evidence.vault.s3_refusals import Attempt, error_of
from evidence.vault.s3_wire import Response, headers_of

_OF_THE_ENVIRONMENT = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""What boto3 would take from the environment, in botocore's terms, and what it gets instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Where a store is, and as whom we speak to it."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    buckets: Mapping[Bucket, str]
    durability: Path | Literal["declared"]
    """A folder whose file system holds the store, to be synced; or the operator's word."""
    region: str = "us-east-1"
    ca_file: Path | None = None
    encryption: Asked | None = None
    """What is asked for with each object, and must show; None: nothing."""


class Store:
    """The store of *settings*, whose buckets are called what they are called there."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self.client = _client(settings)
        """boto3's own."""

    def call(self, operation: str, bucket: Bucket, key: str, **parameters: object) -> Response:
        """As :meth:`bucket_call`, of the object *key*."""
        return self.bucket_call(operation, bucket, Key=key, **parameters)

    def bucket_call(self, operation: str, bucket: Bucket, **parameters: object) -> Response:
        """What boto3's *operation* answers; a refusal as what :func:`error_of` makes of it."""
        try:
            return self._bare(operation, bucket, parameters)
        except ClientError as error:
            where = self.where(bucket, str(parameters.get("Key", "")))
            raise error_of(operation, _attempt(error), where) from error

    def _bare(self, operation: str, bucket: Bucket, parameters: Mapping[str, object]) -> Response:
        name = self._settings.buckets[bucket]
        try:
            answer: Response = getattr(self.client, operation)(Bucket=name, **parameters)
        except (HTTPClientError, S3ConnectionError, ResponseParserError) as error:
            where = self._settings.endpoint
            raise VaultUnreachable(f"the vault at {where} does not answer: {error}") from error
        except ValueError as error:  # botocore's, for a time or a number that is none
            told = f"the vault at {self._settings.endpoint} answers what cannot be read: {error}"
            raise VaultUnreachable(told) from error
        return answer

    def attempt(self, operation: str, bucket: Bucket, **parameters: object) -> Attempt:
        """Try boto3's *operation* and say only what the store answered: for probes and tests.

        Raises VaultUnreachable if nothing answers.
        """
        try:
            answer = self._bare(operation, bucket, parameters)
        except ClientError as error:
            return _attempt(error)
        return Attempt(status=answer["ResponseMetadata"]["HTTPStatusCode"], code="")

    def signed(
        self, operation: str, bucket: Bucket, *, seconds: int, bound: Response, named: Response
    ) -> SignedRequest:
        """A presigned request; *bound* parameters travel as signed headers, *named* in the URL."""
        method = "GET" if operation == "get_object" else "PUT"
        url = self.client.generate_presigned_url(
            operation,
            Params={"Bucket": self._settings.buckets[bucket], **bound, **named},
            ExpiresIn=seconds,
            HttpMethod=method,
        )
        headers = headers_of(bound)
        query = parse_qs(urlsplit(url).query)
        signed = set(query["X-Amz-SignedHeaders"][0].split(";")) - {"host"}
        if signed != {header.lower() for header in headers}:
            raise SetupError(f"boto3 signed the headers {sorted(signed)}, not {sorted(headers)}")
        made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return SignedRequest(
            method=method, url=url, headers=headers, expires=made + timedelta(seconds=seconds)
        )

    def where(self, bucket: Bucket, key: str) -> str:
        """What to call the object *key* in messages."""
        return f"{self._settings.endpoint}/{self._settings.buckets[bucket]}/{key}"


def until_cut(body: Any) -> Iterator[bytes]:
    """The blocks of a response until it ends or its connection breaks."""
    try:
        yield from iter(lambda: body.read(BLOCK), b"")
    except (HTTPClientError, IncompleteReadError, ResponseStreamingError):
        return
    finally:
        body.close()


def _client(settings: S3Settings) -> Any:
    """A client that heeds *settings* alone: no profile, file or proxy of whoever started us."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=3,
        read_timeout=60,
        max_pool_connections=32,
        retries={"mode": "standard", "max_attempts": 4},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
        proxies={},
    )
    session = boto3.session.Session(
        botocore_session=botocore.session.Session(session_vars=_OF_THE_ENVIRONMENT),
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        region_name=settings.region,
    )
    trusted = str(settings.ca_file) if settings.ca_file else None
    return session.client("s3", endpoint_url=settings.endpoint, config=config, verify=trusted)


def _attempt(error: ClientError) -> Attempt:
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    return Attempt(status=status, code=str(error.response.get("Error", {}).get("Code", "")))
