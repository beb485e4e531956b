"""A mail server for tests: aiosmtpd on a free port of 127.0.0.1.

aiosmtpd_server.py MODE [CERTIFICATE KEY]

MODE is plain, starttls or tls. With a certificate, the server requires a login: user "shop",
password "sesame". It writes its port on a line, then one line of JSON for each mail: sender,
recipients, and the mail as Python's email package reads it. It ends when its input is closed.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def write(line):
    print(line, flush=True)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        write(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": mail.items(),
            "defects": [str(defect) for defect in mail.defects],
            "text": text.get_content() if text else None,
            "html": html.get_content() if html else None,
            "secure": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
        }))
        return "250 ok"


def authenticate(server, session, envelope, mechanism, data):
    is_known = data == LoginPassword(b"shop", b"sesame")
    # With handled=False the server itself sends the rejection.
    return AuthResult(success=is_known, handled=is_known, auth_data=data)


def server_options(mode, files):
    """The arguments of SMTP, and the TLS context if the connection begins with TLS."""
    options = {"hostname": "mail.example", "loop": asyncio.get_running_loop()}
    if not files:
        return options, None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*files)
    options |= {"authenticator": authenticate, "auth_required": True}
    if mode == "tls":
        return options | {"auth_require_tls": False}, context
    return options | {"tls_context": context, "require_starttls": True}, None


async def main():
    mode, *files = sys.argv[1:]
    options, context = server_options(mode, files)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **options), "127.0.0.1", 0, ssl=context)
    write(server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
