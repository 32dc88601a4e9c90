"""The flask commands."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import worker
from app.accounts import actions as accounts
from app.accounts import queries as account_queries
from app.accounts import two_steps
from app.accounts.rules import House
from app.analysis import json_lines
from app.analysis.queries import training_lines
from app.analysis.reading_again import read_all_again
from app.audit import queries as audit
from app.audit.actions import as_one as audited_as_one
from app.audit.actions import note
from app.audit.rules import Verb
from app.cases import provider_links
from app.config import BadSetting
from app.demo import actions as demos
from app.digest import actions as digests
from app.digest import letters
from app.digest import queries as digest_queries
from app.directory import actions as directory_actions
from app.directory import queries as directory
from app.extensions import data_keys, db
from app.histories import actions as histories
from app.hotline import actions as hotline
from app.hotline import rules as hotline_rules
from app.hotline import views as hotline_views
from app.intake import actions as intake
from app.intake import mail_keeping
from app.kernel import clock
from app.kernel.encryption import new_key
from app.kernel.errors import ImportRefused
from app.kernel.periods import week_name
from app.kernel.words import Role
from app.mail import bounces
from app.mailroom import fetching, setting_up
from app.mailroom.receiving import NoSuchMailbox, receive
from app.mailroom.rules import MOST_BYTES
from app.measures import actions as rollup_actions
from app.measures import rollup
from app.outbox import running
from app.reports import as_csv, as_html, as_pdf, as_spreadsheet, issued, issued_overview
from app.reports import overview as overviews
from app.reports import queries as report_queries
from app.reports import report as reports
from app.web import sheets
from app.web.links import absolute
from app.web.transactions import begin_writing

MOST_OF_A_BOUNCE = 5_000_000
"""Bytes: mail servers may send whole letters back."""

member_group = AppGroup("member", help="People who sign in.")
audit_group = AppGroup("audit", help="Who did what and who looked at what.")
keys_group = AppGroup("keys", help="The keys that seal contact details.")
mail_group = AppGroup("mail", help="Mailboxes that residents write to: set up, looked into, or handed what comes.")
rollup_group = AppGroup("rollup", help="What days of contracts count, kept so that reports are quick.")
import_group = AppGroup("import", help="Take in files: the directory, past feedback, the calls of a hotline.")


def init_app(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(import_group)
    app.cli.add_command(member_group)
    app.cli.add_command(audit_group)
    app.cli.add_command(keys_group)
    app.cli.add_command(mail_group)
    app.cli.add_command(rollup_group)
    app.cli.add_command(report_group)
    app.cli.add_command(analyse_command)
    app.cli.add_command(corrections_command)
    app.cli.add_command(worker_command)
    app.cli.add_command(digest_command)
    app.cli.add_command(bounce_command)
    app.cli.add_command(demo_command)
    app.cli.add_command(check_command)


@import_group.command("directory")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sure", is_flag=True, help="Also where open cases were sent outside the days of their contract.")
def import_directory(file: Path, sure: bool) -> None:
    """Make an agency's contracts, clauses, KPIs and sites what FILE says. Can be repeated."""
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        fail([f"{file.name}: {error}"])
    try:
        begin_writing()
        changes = directory_actions.import_directory(data)
        if changes.outside and not sure:
            raise ImportRefused(
                [
                    f"{reference}: {number} open cases were sent outside these days; --sure changes them all the same"
                    for reference, number in changes.outside.items()
                ]
            )
        db.session.commit()
    except ImportRefused as error:
        db.session.rollback()
        fail([f"{file.name}: {problem}" for problem in error.problems])
    for change in changes.rows:
        click.echo(f"{change.kind}: {change.what} {change.name}")
    click.echo(f"{len(changes.rows)} rows added or changed, {changes.unchanged} as they were.")


@member_group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--agency", metavar="SLUG", help="For viewers, officers and managers.")
@click.option("--provider", metavar="SLUG", help="For provider staff.")
@click.option("--safeguarding", is_flag=True, help="Also a safeguarding officer of the agency.")
def add_member(email: str, role: str, agency: str | None, provider: str | None, safeguarding: bool) -> None:
    """Invite EMAIL to become a member; the link of the letter is printed too."""
    at, by = agency and directory.agency_by_slug(agency), provider and account_queries.provider_by_slug(provider)
    if (agency and not at) or (provider and not by):
        fail([f"--agency: no agency {agency!r}" if agency and not at else f"--provider: no provider {provider!r}"])
    begin_writing()
    try:
        house = House(at.id if at else None, by.id if by else None)
        made = accounts.invite(email, Role(role), house, is_safeguarding_officer=safeguarding)
        db.session.commit()
    except (accounts.AlreadyMember, accounts.AlreadyInvited, accounts.NoAddress, accounts.WrongHouse) as error:
        db.session.rollback()
        fail([str(error)])
    token = account_queries.invitation_token(made)
    click.echo(f"Invited as {role}. The link, for 7 days: {absolute('accounts.accept', token=token)}")


@member_group.command("reset-two-steps")
@click.argument("email")
def reset_two_steps(email: str) -> None:
    """Let EMAIL, who lost phone and recovery codes, sign in with the password and set up a new phone.

    Make sure that it is really them who asks. Whoever is signed in as them is signed out.
    """
    begin_writing()
    member = account_queries.member_by_email(email)
    if member is None:
        fail([f"Nobody here is {email!r}."])
    two_steps.reset(member)
    db.session.commit()
    click.echo(f"{member.email} signs in with the password now, and sets up a new phone where the role asks for it.")


@import_group.command("history")
@click.argument("feedback", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", metavar="SLUG", help="Whose history this is, where references alone do not tell.")
@click.option("--good-rows", is_flag=True, help="Take in what is right; write the refused rows to a file.")
def import_history(feedback: Path, events: Path, agency: str | None, good_rows: bool) -> None:
    """Take in past feedback and events, analysed like new ones. All or nothing; can be repeated."""
    whose = directory.agency_by_slug(agency) if agency else None
    if agency and whose is None:
        fail([f"--agency: no agency {agency!r}"])
    try:
        said, happened, refused = histories.read_files(feedback, events)
        made = histories.take_in(
            said, happened, agency=whose, refused=refused, good_rows=good_rows, progress=show_progress
        )
    except ImportRefused as error:
        fail(error.problems)
    click.echo(
        f"Taken in: {made.feedback} feedback and {made.events} events. "
        f"There already: {made.known_feedback} feedback and {made.known_events} events."
    )
    if made.refused:
        path = feedback.with_name(feedback.stem + ".refused.txt")
        path.write_text("".join(f"{line}: {why}\n" for line, why in made.refused), encoding="utf-8")
        click.echo(f"Refused: {len(made.refused)} rows, listed in {path}.")


@import_group.command("hotline")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", metavar="SLUG", required=True, help="Whose hotline it is.")
@click.option("--good-rows", is_flag=True, help="Take in what is right; write the refused rows to a file.")
def import_hotline(file: Path, agency: str, good_rows: bool) -> None:
    """Take in a hotline's daily FILE (XLSX or CSV): each number once, again only for what is new. All or nothing."""
    whose = directory.agency_by_slug(agency)
    if whose is None:
        fail([f"--agency: no agency {agency!r}"])
    try:
        with file.open("rb") as sent:
            raw = sent.read(sheets.MOST_BYTES + 1)
        columns = hotline_rules.COLUMNS, hotline_rules.NEEDED
        lines = sheets.read_table(raw, *columns, hotline_rules.MOST_CALLS)
    except (sheets.SheetRefused, OSError) as error:
        fail([f"{file.name}: {error}"])
    rows = hotline.read(whose, lines)
    if not good_rows and any(row.is_refused for row in rows):
        fail([f"{file.name}, row {row.line.number}: {hotline_views.reasons(row)}" for row in rows if row.is_refused])
    ready, agency_id = hotline.make_ready(rows), whose.id
    begin_writing()
    try:
        rows = hotline.take_in(agency_id, rows, ready)
        refused = [row for row in rows if row.is_refused]
        if refused and not good_rows:
            db.session.rollback()
            fail([f"{file.name}, row {row.line.number}: {hotline_views.reasons(row)}" for row in refused])
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        fail([f"{file.name}: somebody else took some of it in at the same time; nothing was kept, run it again"])
    number = Counter(row.kind for row in rows if row.kind)
    click.echo(
        f"New: {number[hotline.Kind.NEW]}. Updated: {number[hotline.Kind.UPDATED]}. "
        f"As they were: {number[hotline.Kind.SAME]}."
    )
    if refused:
        path = file.with_name(file.stem + ".refused.csv")
        left = hotline_views.refused_lines(refused)
        path.write_bytes(sheets.as_csv(*sheets.table_of(left, (*hotline_rules.COLUMNS, sheets.REASON))))
        click.echo(f"Refused: {len(refused)} rows, listed in {path}.")


@click.group("report", invoke_without_command=True)
@click.option("--agency", metavar="SLUG", help="Needed where several agencies use the reference.")
@click.option("--contract", metavar="REF", help="Whose report; without it that of all contracts of --agency.")
@click.option("--provider", metavar="SLUG", help="Of all contracts of --agency only those of this provider.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--as-of", metavar="ISO", help="The moment as of which it is reckoned; by default now.")
@click.option(
    "--format", "dress", type=click.Choice(["json", "csv", "xlsx", "pdf", "html"]), default="json", show_default=True
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
@click.pass_context
@with_appcontext
def report_group(
    context: click.Context,
    agency: str | None,
    contract: str | None,
    provider: str | None,
    start: datetime | None,
    end: datetime | None,
    as_of: str | None,
    dress: str,
    out: Path | None,
) -> None:
    """The report of one contract and period, of a provider or of an agency; or a command about issued reports."""
    if context.invoked_subcommand is not None:
        return
    if start is None or end is None or (contract is None and agency is None):
        raise click.UsageError("Name --contract or --agency, --start and --end.")
    at = moment_of("--as-of", as_of) if as_of else None
    try:
        if contract is not None:
            found = directory.contracts_by_reference(contract, agency)
            if len(found) != 1:
                wrong = "no contract" if not found else "several agencies have a contract"
                fail([f"--contract: {wrong} {contract!r}"])
            body = DRESSES[dress](reports.build(found[0], start=start.date(), end=end.date(), as_of=at))
        else:
            overview = overview_of(agency or "", provider, start.date(), end.date(), at)
            body = OVERVIEW_DRESSES[dress](overview)
    except ValueError as error:
        fail([str(error)])
    except as_pdf.CannotBeSet as error:
        fail([f"The PDF could not be made: {error}"])
    if out:
        out.write_bytes(body)
    else:
        click.echo(body, nl=not body.endswith(b"\n"))


@report_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def verify_report(file: Path) -> None:
    """Say whether FILE is one of an issued report, and whether its numbers still come out of the events."""
    body = file.read_bytes()
    if (overview := issued_overview.verify(body)) is not None:
        of = overview.issued
        click.echo(
            f"Report {of.number} of {of.agency.slug}, {of.provider.slug if of.provider else 'all contracts'}, "
            f"{of.starts_on} to {of.ends_on}, issued {of.issued_at:%Y-%m-%d}, SHA-256 {of.content_hash}."
        )
        if overview.problems:
            fail([f"{file.name}: {problem}" for problem in overview.problems])
        click.echo("The file is as it was issued, and every number comes out of its reports again.")
        return
    found = issued.verify(body)
    if found.issued is not None:
        click.echo(
            f"Report {found.issued.number} of {found.issued.contract.agency.slug}, "
            f"contract {found.issued.contract.reference}, {found.issued.starts_on} to {found.issued.ends_on}, "
            f"issued {found.issued.issued_at:%Y-%m-%d}, SHA-256 {found.issued.content_hash}."
        )
    if found.problems:
        fail([f"{file.name}: {problem}" for problem in found.problems])
    click.echo("The file is as it was issued, and every number comes out again.")


@keys_group.command("new")
def new_data_key() -> None:
    """Print DATA_KEYS with a fresh key in front. Set it, start everything again, then: flask keys rotate."""
    held = data_keys()
    click.echo(",".join([new_key(), *held.to_text().split(",")]))


@keys_group.command("rotate")
def rotate_keys() -> None:
    """Seal contact details, tracking links and keys of authenticator apps again with the first of DATA_KEYS.

    Can be stopped and repeated. Afterwards the keys behind the first can be taken out.
    """
    done, lost, last_id = 0, 0, 0
    while True:
        begin_writing()
        with audited_as_one():
            part = intake.seal_again(last_id, limit=500)
        if part is None:
            break
        db.session.commit()
        done, lost, last_id = done + part.sealed, lost + part.lost, part.last_id
    with audited_as_one():
        members, lost_of_members = two_steps.seal_again()
        links, lost_of_links = provider_links.seal_again()
        mails, lost_of_mails = mail_keeping.seal_again()
    note(Verb.ROTATED, "sealed", detail=f"{done + members + links + mails}")
    db.session.commit()
    click.echo(f"Sealed again: {done + links + mails} contact details and links, {members} keys of members.")
    if lost := lost + lost_of_members + lost_of_links + lost_of_mails:
        fail([f"No key in DATA_KEYS opens {lost} of them. Keep the keys that were there before."])


@mail_group.command("add")
@click.argument("address")
@click.option("--agency", metavar="SLUG", required=True, help="Whose mailbox it is.")
@click.option("--site", metavar="CODE", help="What comes is about it; without one officers say what it is about.")
@click.option("--contract", metavar="REF", help="Where several contracts serve the site: which one is meant.")
@click.option("--imap", metavar="URL", help="How it is read: imaps://user@host/INBOX. The password is asked for.")
@click.option("--plus", is_flag=True, help="name+anything@… arrives too: replies are then known by their address.")
@click.option("--empty", is_flag=True, help="Delete in the mailbox what was taken in.")
@click.option("--password", envvar="MAILBOX_PASSWORD", hidden=True)
def add_mailbox(
    address: str,
    agency: str,
    site: str | None,
    contract: str | None,
    imap: str | None,
    plus: bool,
    empty: bool,
    password: str | None,
) -> None:
    """Make ADDRESS a mailbox that residents write to, or change it. What comes is feedback, with channel e-mail.

    The password is read from MAILBOX_PASSWORD, or asked for, so that it stands in no list of commands.
    """
    if imap and not password:
        password = click.prompt(f"Password of {address}", hide_input=True)
    begin_writing()
    try:
        made = setting_up.set_up(
            address,
            agency=agency,
            site=site,
            contract=contract,
            imap_url=imap,
            password=password if imap else None,
            takes_tags=plus,
            is_emptied=empty,
        )
        db.session.commit()
    except setting_up.WrongMailbox as error:
        db.session.rollback()
        fail([str(error)])
    trouble = fetching.reach(made)
    how = "is read every five minutes" if made.imap_url else f"gets what is piped into: flask mail receive {address}"
    click.echo(f"{made.address} {how}.")
    if trouble is not None:
        fail([f"It cannot be read now ({trouble}); it is tried again every five minutes."])


@mail_group.command("remove")
@click.argument("address")
def remove_mailbox(address: str) -> None:
    """Take nothing in any more from ADDRESS, and forget its password. What came stays."""
    begin_writing()
    mailbox = mail_keeping.mailbox_by_address(address)
    if mailbox is None:
        fail([f"There is no mailbox {address!r}."])
    setting_up.close(mailbox)
    db.session.commit()
    click.echo("Nothing more is taken in from it.")


@mail_group.command("fetch")
@click.argument("address", required=False)
def fetch_mail(address: str | None) -> None:
    """Look into all mailboxes that are read by IMAP, or into ADDRESS, now. The worker does it every five minutes."""
    boxes = mail_keeping.open_mailboxes()
    chosen = [(each.id, each.address) for each in boxes if each.imap_url and address in (None, each.address)]
    db.session.rollback()
    if address is not None and not chosen:
        fail([f"There is no mailbox {address!r} that is read by IMAP."])
    problems = []
    for mailbox_id, name in chosen:
        taken_in = 0
        while True:
            fetched = fetching.fetch(mailbox_id)
            taken_in += fetched.taken_in
            if not fetched.is_more or fetched.trouble:
                break
        click.echo(f"{name}: {taken_in} new.")
        if fetched.trouble:
            problems.append(f"{name} cannot be read ({fetched.trouble}).")
    if problems:
        fail(problems)


@mail_group.command("receive")
@click.argument("address")
def receive_mail(address: str) -> None:
    """Take in one mail to ADDRESS from standard input: the mail server pipes it into this command.

    Ends with the status that mail servers know: 0 it is here (once, however often it is piped in), 67 no such mailbox,
    75 try again later.
    """
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(1_000_000):
        pass  # What is too long is read to its end all the same: the mail server waits for that.
    try:
        mail = receive(lambda: mail_keeping.mailbox_by_address(address), raw)
    except NoSuchMailbox:
        click.echo("There is no such mailbox.", err=True)
        raise SystemExit(67) from None
    except (SQLAlchemyError, OSError) as error:
        click.echo(f"Not taken in now ({type(error).__name__}).", err=True)
        raise SystemExit(75) from None
    # Nothing of what it says and of who wrote it: this is piped by a mail server, whose log others read.
    click.echo(f"Taken in: {mail.state}." if mail is not None else "It is here already.")


@audit_group.command("verify")
@click.option(
    "--was", metavar="CHAIN:NUMBER:HASH", multiple=True, help="An end that an earlier verify printed, kept elsewhere."
)
def verify_audit(was: tuple[str, ...]) -> None:
    """Read the whole audit again; exit status 1 where an entry was changed, put in or taken out, naming the first."""
    names: dict[int | None, str] = {None: "installation"}
    names |= {agency.id: agency.slug for agency in directory.all_agencies()}
    numbers = {name: number or 0 for number, name in names.items()}
    noted: dict[tuple[int, int], str] = {}
    for text in was:
        name, _, rest = text.partition(":")
        number, _, mark = rest.partition(":")
        if name not in numbers or not number.isdigit() or len(mark) != 64:
            fail([f"--was: {text!r} is not an end as this command prints it"])
        noted[numbers[name], int(number)] = mark
    problems = []
    for chain in audit.check_chains(noted):
        name = names[chain.agency_id]
        if chain.broken_at is None:
            click.echo(f"whole: {name}:{chain.length}:{chain.head}")
        else:
            problems.append(f"broken: {name}, entry {chain.broken_at}: {chain.why}")
    if problems:
        fail(problems)


@rollup_group.command("verify")
def verify_rollup() -> None:
    """Count every day that is kept again from its events; exit status 1 where one differs, naming it."""
    problems, checked = [], 0
    for contract in directory.all_contracts():
        name = f"{contract.agency.slug}, {contract.reference}"
        number, wrong = rollup.check(contract)
        checked += number
        problems += [f"differs: {name}, {day}: {what}" for day, what in wrong]
        db.session.rollback()
    click.echo(f"{checked} days of contracts counted again, {len(problems)} differ.")
    if problems:
        fail(problems)


@rollup_group.command("rebuild")
def rebuild_rollup() -> None:
    """Forget every day that is kept and count all of them anew. Reports stay right meanwhile, and are slower."""
    begin_writing()
    rollup_actions.forget()
    db.session.commit()
    done = 0
    while True:
        deed, number = rollup_actions.follow()
        if deed is None:
            break
        begin_writing()
        deed()
        db.session.commit()
        done += number
        click.echo(f"counted: {done} days", err=True)
    click.echo(f"{done} days of contracts counted.")


def as_xlsx(made: reports.Report) -> bytes:
    texts = report_queries.texts(None, [case.reference for case in made.cases])
    return as_spreadsheet.render(made, texts)


def overview_of(
    agency_slug: str, provider_slug: str | None, start: date, end: date, as_of: datetime | None
) -> overviews.Overview:
    """The report of all contracts of an agency, or of those of one provider, that are told to nobody in particular."""
    agency = directory.agency_by_slug(agency_slug)
    if agency is None:
        fail([f"--agency: no agency {agency_slug!r}"])
    contracts = report_queries.contracts_told(agency.id, None)
    provider = None
    if provider_slug is not None:
        provider = next((each.provider for each in contracts if each.provider.slug == provider_slug), None)
        if provider is None:
            fail([f"--provider: {provider_slug!r} has no contract with {agency_slug!r}"])
        contracts = [each for each in contracts if each.provider_id == provider.id]
    made = overviews.gather_overview(agency, contracts, provider=provider, start=start, end=end, as_of=as_of)
    return made.report


def overview_as_xlsx(made: overviews.Overview) -> bytes:
    texts = report_queries.texts(None, [case.reference for _contract, case in made.cases])
    return as_spreadsheet.render_overview(made, texts)


OVERVIEW_DRESSES: dict[str, Callable[[overviews.Overview], bytes]] = {
    "json": lambda made: json.dumps(made.to_json(), ensure_ascii=False, indent=1).encode(),
    "csv": lambda made: as_csv.render_overview(made).encode(),
    "xlsx": overview_as_xlsx,
    "pdf": as_pdf.render_overview,
    "html": lambda made: as_html.render_overview(made).encode(),
}

DRESSES: dict[str, Callable[[reports.Report], bytes]] = {
    "json": lambda made: json.dumps(made.to_json(), ensure_ascii=False, indent=1).encode(),
    "csv": lambda made: as_csv.render(made).encode(),
    "xlsx": as_xlsx,
    "pdf": as_pdf.render,
    "html": lambda made: as_html.render(made).encode(),
}


@click.command("analyse")
@click.option("--version", "say_version", is_flag=True, help="Say which version of the analysis this is.")
@click.option(
    "--again", is_flag=True, help="Read old feedback that this version has not read. Can be stopped and resumed."
)
@with_appcontext
def analyse_command(say_version: bool, again: bool) -> None:
    """Analyse JSON lines from standard input (id, text, optional language), in order; or old feedback again."""
    if say_version:
        click.echo(json_lines.version_text())
        return
    if again:
        read = read_all_again(lambda done, of: click.echo(f"read again: {done} of {of}", err=True))
        click.echo(f"Read again by {json_lines.version_text()}: {read} feedback. What staff corrected stays corrected.")
        return
    sys.exit(json_lines.analyse_stream(sys.stdin.buffer, sys.stdout, sys.stderr))


@click.command("corrections")
@click.option("--agency", metavar="SLUG", required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
@with_appcontext
def corrections_command(agency: str, out: Path | None) -> None:
    """What staff of an agency corrected, as JSON lines that analysis can be trained with."""
    found = directory.agency_by_slug(agency)
    if found is None:
        fail([f"--agency: no agency {agency!r}"])
    with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as file:
        for line in training_lines(found.id):
            file.write(line)


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Do the background work until told to stop (Ctrl-C, SIGTERM)."""
    # Here, not above: the web server loads all commands, and the queue's libraries would be memory that it never uses.
    from app.outbox.worker import Worker

    try:
        Worker(current_app._get_current_object(), worker.HANDLERS, worker.SCHEDULE).run()  # type: ignore[attr-defined]
    except BadSetting as error:
        click.echo(f"Answerable cannot start: {error}.", err=True)
        raise SystemExit(2) from None


@click.command("digest")
@click.option("--now", "moment", metavar="ISO", help="The moment as of which letters are due; by default now.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
@with_appcontext
def digest_command(moment: str | None, dry_run: bool) -> None:
    """Send the weekly emails that are due. Again at the same moment: sends nothing."""
    at = moment_of("--now", moment) if moment else clock.now()
    with clock.set_to(at):
        if dry_run:
            for due in digest_queries.due(at):
                letter = letters.letter_about(due.subscription, due.week, at)
                click.echo(f"would be sent: {week_name(due.week)} to {letter.to}: {letter.subject}")
            return
        begin_writing()
        promised = [
            (promise_id, f"{week_name(due.week)} to {due.subscription.member.email}")
            for due, promise_id in digests.promise_due(at)
        ]
        db.session.commit()
        for promise_id, letter_name in promised:
            was_sent = running.run(promise_id, worker.HANDLERS)
            click.echo(f"{'sent' if was_sent else 'to be tried again'}: {letter_name}")


@click.command("check")
@with_appcontext
def check_command() -> None:
    """Settings, database, migrations, queue, mail, fonts, clock: what is wrong and how to mend it."""
    from app.checkup import check_up  # looks at the queue, see worker_command

    stops = False
    for name, troubles in check_up(current_app.config["CONFIG"]):
        click.echo(f"{name}: {'ok' if not troubles else ''}".rstrip())
        for trouble in troubles:
            click.echo(f"  {'WRONG' if trouble.is_grave else 'note'}: {trouble.what}. To mend it: {trouble.remedy}.")
            stops = stops or trouble.is_grave
    raise SystemExit(1 if stops else 0)


@click.command("bounce")
@click.option("--mend", metavar="ADDRESS", help="Say that an address works again, instead of reading a report.")
@with_appcontext
def bounce_command(mend: str | None) -> None:
    """Read a report that a letter could not be delivered (RFC 3464) from standard input; send no more to that address.

    Let the mail server pipe what comes to MAIL_BOUNCES (else MAIL_FROM) into this command.
    """
    begin_writing()
    if mend is not None:
        known = bounces.mend(mend)
        db.session.commit()
        click.echo("Letters are sent to it again." if known else "Nothing was known against it.")
        return
    try:
        found = bounces.take_in(sys.stdin.buffer.read(MOST_OF_A_BOUNCE))
    except bounces.NotOurs as error:
        db.session.rollback()
        fail([f"Not taken in: {error}."])
    db.session.commit()
    # No address: this is piped by a mail server, whose log others read.
    for failure in found:
        click.echo(f"Nothing more is sent to an address that was given up on ({failure.status}).")
    if not found:
        click.echo("Nothing is given up on yet.")


@click.command("demo")
@click.option("--show", is_flag=True, help="Only say where to look and how to sign in; load nothing.")
@with_appcontext
def demo_command(show: bool) -> None:
    """Load the demo: two agencies and twelve weeks of their residents' feedback. Again: changes nothing."""
    config = current_app.config["CONFIG"]
    if not show:
        try:
            click.echo("The demo is loaded." if demos.load(config) else "The demo was there already; nothing changed.")
        except ImportRefused as error:
            fail([*error.problems, "Nothing was changed."])
    loaded = demos.show(config)
    if loaded is None:
        click.echo("The demo is not loaded; flask demo loads it.")
        return
    click.echo(f"\nAddress: {loaded.address}/\nForms of residents:")
    for form in loaded.forms:
        click.echo(f"  {form}")
    click.echo(f"Sign in at {loaded.address}/sign-in as:")
    for email, what in loaded.accounts:
        click.echo(f"  {email:28} {what}")
    click.echo(f"Password of all: {loaded.password or 'the one that was given when the demo was loaded'}")
    click.echo("Signing in in two steps is optional in the demo; elsewhere managers and administrators must.")


def moment_of(option: str, text: str) -> datetime:
    """A time with its offset; anything else ends the command."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError
    except ValueError:
        fail([f"{option}: {text!r} is not a time with its offset, like 2026-10-12T09:00:00+08:00"])
    return at


def show_progress(done: int, of: int) -> None:
    """One line that grows old gracefully: on a terminal it is overwritten, in a log it is rare."""
    if sys.stderr.isatty():
        click.echo(f"\ranalysed {done} of {of}", err=True, nl=done == of)
    elif done % 1000 == 0 or done == of:
        click.echo(f"analysed {done} of {of}", err=True)


def fail(problems: Sequence[str]) -> NoReturn:
    """Say what is wrong, a line each, and end with status 1; nothing was changed."""
    for problem in problems[:200]:
        click.echo(problem, err=True)
    if len(problems) > 200:
        click.echo(f"… and {len(problems) - 200} more.", err=True)
    raise SystemExit(1)
