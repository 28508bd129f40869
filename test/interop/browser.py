"""A person with a browser, as far as our pages go: follows redirects, fills in
forms, keeps cookies.  It knows nothing of OAuth."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Form(HTMLParser):
    """The first form of a page: where it goes, and what its hidden fields hold."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.buttons = None, {}, {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == 'form' and self.action is None:
            self.action = attributes['action']
        elif tag == 'input' and attributes.get('type') == 'hidden':
            self.fields[attributes['name']] = attributes['value']
        elif tag == 'button' and 'name' in attributes:
            self.buttons[attributes['value']] = attributes['name']


class Browser:
    def __init__(self, username, password, home):
        self.session = requests.Session()
        self.username, self.password, self.home = username, password, home
        self.seen = []

    def visit(self, url, decision='approve'):
        """Go there and do what the pages ask; where it ends outside the server, as a URL."""
        response = self.session.get(url, allow_redirects=False)
        for _ in range(12):
            self.seen.append((response.request.method, response.request.url.split('?')[0], response.status_code))
            if response.is_redirect:
                target = urljoin(response.url, response.headers['Location'])
                if not target.startswith(self.home):
                    return target
                response = self.session.get(target, allow_redirects=False)
                continue
            form = Form(response.text)
            if form.action is None or response.status_code != 200:
                raise AssertionError(f'{response.status_code} at {self.seen[-1]}')
            fields = dict(form.fields)
            if decision in form.buttons:
                fields[form.buttons[decision]] = decision
            else:
                fields |= {'username': self.username, 'password': self.password}
            response = self.session.post(form.action, data=fields, allow_redirects=False)
        raise AssertionError(f'no end: {self.seen}')
