"""Chromium without a window, driven by chromedriver's HTTP interface (W3C WebDriver)."""

import base64
import os
import subprocess
import tempfile
import time

import requests

ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'      # WebDriver 11


class BrowserError(Exception):
    """What chromedriver says of a command that failed."""


class Chromium:
    def __init__(self, log):
        self.profile = tempfile.TemporaryDirectory(prefix='oauth_jwt-chromium-')
        self.driver = subprocess.Popen(['chromedriver', '--port=0'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=open(log, 'w'), text=True, env={**os.environ, 'HOME': self.profile.name})
        for line in self.driver.stdout:
            if 'started successfully on port' in line:
                self.root = f'http://127.0.0.1:{line.rstrip().rstrip(".").split()[-1]}/session'
                break
        # Chromium's own sandbox is not for root, nor for a container
        self.session = self.root + '/' + self.send('POST', self.root, capabilities={'alwaysMatch': {
            'browserName': 'chrome',
            'goog:loggingPrefs': {'browser': 'ALL'},
            'goog:chromeOptions': {'args': ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu',
                                            '--window-size=900,800', f'--user-data-dir={self.profile.name}/profile']}}})['sessionId']

    def stop(self):
        try:
            self.send('DELETE', self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.profile.cleanup()

    @staticmethod
    def send(method, address, **arguments):
        answer = requests.request(method, address, json=arguments if method == 'POST' else None, timeout=60)
        value = answer.json()['value']
        if not answer.ok:
            raise BrowserError(f'{value["error"]}: {value["message"]}')
        return value

    def post(self, path, **arguments):
        return self.send('POST', f'{self.session}/{path}', **arguments)

    def get(self, path):
        return self.send('GET', f'{self.session}/{path}')

    # -- what a person does and sees --

    def open(self, url):
        self.post('url', url=url)

    @property
    def url(self):
        return self.get('url')

    def find(self, selector):
        return self.post('element', using='css selector', value=selector)[ELEMENT]

    def there(self, selector):
        return [found[ELEMENT] for found in self.post('elements', using='css selector', value=selector)]

    def text(self, selector):
        return self.get(f'element/{self.find(selector)}/text')

    def type(self, selector, text):
        self.post(f'element/{self.find(selector)}/value', text=text)

    def click(self, selector):
        self.post(f'element/{self.find(selector)}/click')

    def wait(self, condition, seconds=10):
        """Until a page is as it should be; what condition() returned last."""
        end = time.monotonic() + seconds
        while True:
            try:
                seen = condition()
            except BrowserError:        # the page is being replaced
                seen = None
            if seen or time.monotonic() > end:
                return seen
            time.sleep(0.05)

    # -- what a developer does and sees --

    def run(self, script, *arguments):
        """An async function's body; what it returns, or {'error': ...}."""
        return self.post('execute/async', args=list(arguments), script='''
            const done = arguments[arguments.length - 1];
            (async (...given) => { %s })(...arguments).then(done, (error) => done({ error: `${error.name}: ${error.message}` }));
        ''' % script)

    def complaints(self):
        """The console's errors since the last call."""
        return [entry['message'] for entry in self.post('se/log', type='browser') if entry['level'] == 'SEVERE']

    def screenshot(self, path):
        with open(path, 'wb') as file:
            file.write(base64.b64decode(self.get('screenshot')))
