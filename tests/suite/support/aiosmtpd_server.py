"""A mail server for tests: aiosmtpd on a free port of 127.0.0.1.

aiosmtpd_server.py MODE [CERTIFICATE KEY]

MODE is plain, starttls or tls. With a certificate, mails are taken after a login as "shop" with
"sesame" alone. Writes its port on a line, then a line of JSON for every mail: sender, recipients,
and the mail as Python's email package reads it. Ends when its input does.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(line):
    print(line, flush=True)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        say(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": mail.items(),
            "defects": [str(defect) for defect in mail.defects],
            "text": text.get_content() if text else None,
            "html": html.get_content() if html else None,
            "secure": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
        }))
        return "250 thank you"


def authenticate(server, session, envelope, mechanism, data):
    known = LoginPassword(b"shop", b"sesame")
    # Not handled: the server answers.
    return AuthResult(success=data == known, handled=data == known, auth_data=data)


def options(mode, files):
    """What the server is made with, and the context of TLS from the first byte."""
    known = {"hostname": "mail.example", "loop": asyncio.get_running_loop()}
    if not files:
        return known, None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*files)
    known |= {"authenticator": authenticate, "auth_required": True}
    if mode == "tls":
        return known | {"auth_require_tls": False}, context
    return known | {"tls_context": context, "require_starttls": True}, None


async def main():
    mode, *files = sys.argv[1:]
    known, context = options(mode, files)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **known), "127.0.0.1", 0, ssl=context)
    say(server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
