"""Logging in, method by method in ssh(1)'s order. Import this module late: it loads paramiko."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.remote.errors import RemoteError
from tui.remote.options import Options, Question
from tui.remote.ssh.auth.agent import AgentError
from tui.remote.ssh.auth.allowed import ForbiddenError, signature_algorithm
from tui.remote.ssh.auth.dialogue import Dialogue, HungUpError, NoAnswerError, Verdict
from tui.remote.ssh.auth.keyfile import UnusableError
from tui.remote.ssh.auth.keys import Candidate, KeyRing
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.auth.wire import Reader, string
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import connection_errors
from tui.remote.ssh.transport import NodeTransport
from tui.text.sanitize import sanitize_line


@dataclass
class _Login:
    """One login under way: what the node still accepts, what was tried, what stood in the way."""

    dialogue: Dialogue
    endpoint: Endpoint
    keys: KeyRing
    secrets: SecretStore
    allowed: tuple[str, ...] = ()
    tried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Offer what ssh_config allows and the node accepts, until it lets us in. Raises RemoteError."""
        ways = {
            "publickey": self._by_key,
            "keyboard-interactive": self._by_questions,
            "password": self._by_password,
        }
        self._judged(self.dialogue.prove("none"))
        while not self.dialogue.is_authenticated():
            way = next(
                (name for name in self.endpoint.login.methods if name in self.allowed and name in ways), None
            )
            if way is None:
                raise self.refused()
            if not ways[way]():
                del ways[way]

    def _judged(self, answer: Verdict | Reader) -> bool:
        """Whether a proof was right; what may come next is noted."""
        if not isinstance(answer, Verdict):
            raise ValueError("the node asks something in place of a verdict")
        self.allowed = answer.methods
        return answer.accepted or answer.partial

    def _by_key(self) -> bool:
        with self.keys.candidates(self.endpoint, self.notes) as candidates:
            for candidate in candidates:
                if "publickey" not in self.allowed:
                    return False
                try:
                    if self._by_one_key(candidate):
                        return True
                except (UnusableError, AgentError) as error:
                    self.notes.append(str(error))
        return False

    def _by_one_key(self, candidate: Candidate) -> bool:
        """The private half is used, and a passphrase asked for, only for a key that the node would take."""
        signer = candidate.open() if candidate.public is None else None
        public = signer.public if signer is not None else candidate.public
        assert public is not None
        taken = self.dialogue.signature_algorithms
        try:
            algorithm = signature_algorithm(public, self.endpoint.login, taken)
        except ForbiddenError as error:
            self.notes.append(f"{candidate.label}: {error}")
            return False
        self.tried.append(candidate.label)
        offer = string(algorithm.encode()) + string(public)
        if signer is None:
            answer = self.dialogue.prove("publickey", b"\0" + offer)
            if not isinstance(answer, Reader):
                return self._judged(answer)
            if (answer.string(), answer.string()) != (algorithm.encode(), public):
                raise ValueError("the node took another key than the one that was offered")
            signer = candidate.open()
        signed = self.dialogue.to_sign(self.dialogue.begin("publickey") + b"\1" + offer)
        proof = b"\1" + offer + string(signer.sign(signed, algorithm))
        return self._judged(self.dialogue.prove("publickey", proof))

    def _by_questions(self) -> bool:
        """keyboard-interactive: "Password:" is the login password, all else (a code) is good only once."""
        user = self.endpoint.user
        if not self.secrets.can_ask:
            self.notes.append("it wants answers to questions and nobody can be asked")
            return False
        self.tried.append("answers to its questions")
        answer = self.dialogue.prove(
            "keyboard-interactive", string(b"") + string(self.endpoint.login.devices.encode())
        )
        declined = False
        while isinstance(answer, Reader):
            answer.text(), answer.text(), answer.text()
            replies = []
            for _ in range(answer.number()):
                prompt, echo = answer.text(), answer.byte()
                if "password" in prompt.lower():
                    reply = self.secrets.get(("login", user), f"Password of {user} on the nodes: ")
                else:
                    shown = f"{self.endpoint.node}: {prompt.strip()} "
                    reply = self.secrets.ask(Question(shown, hidden=not echo))
                declined = declined or reply is None
                replies.append((reply or "").encode())
            answer = self.dialogue.reply(replies)
        accepted = self._judged(answer)
        if not accepted and not declined:
            self.secrets.reject(("login", user))
        return accepted

    def _by_password(self) -> bool:
        user = self.endpoint.user
        password = self.secrets.get(("login", user), f"Password of {user} on the nodes: ")
        if password is None:
            self.notes.append("it accepts a password, but there is none to offer")
            return False
        proof = b"\0" + string(password.encode())
        self.tried.append("password")
        accepted = self._judged(self.dialogue.prove("password", proof))
        if not accepted:
            self.secrets.reject(("login", user))
        return accepted

    def refused(self, hung_up: HungUpError | None = None) -> RemoteError:
        """Why the node did not let us in."""
        endpoint = self.endpoint
        said = sanitize_line(str(hung_up or ""), 200)
        facts = [
            f"it accepts {', '.join(self.allowed) or 'nothing more'}",
            f"tried: {', '.join(self.tried) or 'nothing, no usable key found'}",
            *self.notes,
            *(
                f"ssh may go on with {word} of ssh_config, which is not spoken here"
                for word in endpoint.login.beyond
            ),
        ]
        if "Too many authentication failures" in said:
            facts.append(
                f"it hung up after {len(self.tried)} of them, the limit of its MaxAuthTries: name the right "
                "key with IdentityFile and IdentitiesOnly in ssh_config"
            )
        elif hung_up is not None:
            facts.append(f"then it hung up{f': {said}' if said else ''}")
        sentence = (
            f"{endpoint.where} did not let {endpoint.user} in ({'; '.join(facts)}): check that the key is in "
            f"{endpoint.user}'s authorized_keys there, that PermitRootLogin and AllowUsers admit it, that "
            "the account is not locked, and that the node is not just starting or shutting down."
        )
        return RemoteError("auth", endpoint.node, sentence)


def authenticate(
    transport: NodeTransport, endpoint: Endpoint, keys: KeyRing, secrets: SecretStore, options: Options
) -> None:
    """Log in as ``endpoint.user``; raises RemoteError of kind "auth" or "lost". No secret is in any error."""
    login = None
    try:
        dialogue = Dialogue(transport, endpoint.user, options.auth_timeout, lambda _: None)
        login = _Login(dialogue, endpoint, keys, secrets)
        login.run()
    except HungUpError as error:
        # sshd hangs up after too many failures; a node that is starting or going down hangs up at the first.
        if login is not None and len(login.tried) > 1:
            raise login.refused(error) from None
        sentence = f"{endpoint.where} hung up during the login: it is starting or shutting down."
        raise RemoteError("lost", endpoint.node, sentence) from None
    except NoAnswerError:
        sentence = f"{endpoint.where} did not answer the login within {options.auth_timeout:g} s: it hangs."
        raise RemoteError("timeout", endpoint.node, sentence) from None
    except connection_errors() as error:
        sentence = f"{endpoint.where} broke off the login: {sanitize_line(str(error), 200)}."
        raise RemoteError("lost", endpoint.node, sentence) from error
