"""What a page needs from the browser and ipywidgets does not give: names, states, quiet keys."""

from __future__ import annotations

from html import escape

SCRIPT = """
(img => {
  const begin = tries => {
    const root = img.closest('.eaw');
    if (!root || !root.isConnected) {
      if (tries) setTimeout(begin, 100, tries - 1);
      return;
    }
    if (root.parentElement.closest('.eaw') || root.hasAttribute('data-lm-suppress-shortcuts'))
      return;
    const quiet = node => node.setAttribute('data-lm-suppress-shortcuts', 'true');
    quiet(root);
    root.addEventListener('focusin', event => quiet(event.target));
    const set = (node, name, value) => {
      if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    };
    const all = (selector, act) => root.querySelectorAll(selector).forEach(act);
    const words = node => (node ? node.textContent : '').trim();
    const name = () => {
      all('.noUi-handle', node => set(node, 'aria-label',
        words(node.closest('.jupyter-widgets').querySelector('.widget-label')) || 'value'));
      all('button.widget-toggle-button, .widget-toggle-buttons button', node =>
        set(node, 'aria-pressed', String(node.classList.contains('mod-active'))));
      all('input, select, textarea', node => {
        if (node.type !== 'checkbox' && !words(node.labels && node.labels[0]))
          set(node, 'aria-label', node.title || node.closest('[title]')?.title
            || node.placeholder || 'value');
      });
      all('.eaw-heading', node => { set(node, 'role', 'heading'); set(node, 'aria-level', '3'); });
      all('.eaw-title', node => { set(node, 'role', 'heading'); set(node, 'aria-level', '4'); });
      all('.eaw-figure', figure => {
        const drawn = [...figure.querySelectorAll(':scope > svg, svg.svg-figure')];
        const node = drawn.find(one => one.classList.contains('svg-figure')) || drawn[0];
        drawn.forEach(one => { if (one !== node) set(one, 'aria-hidden', 'true'); });
        if (!node) return;
        const box = figure.parentElement;
        set(node, 'role', 'img');
        set(node, 'aria-label', [words(box.querySelector('.eaw-title, .eaw-legend')) || 'Chart',
          box.querySelector('[data-said]:not([data-said=""])')?.dataset.said]
          .filter(Boolean).join(': '));
      });
      all('.eaw-open', node => set(node, 'aria-label', node.title || words(node)));
      all('img:not([alt])', node => set(node, 'alt', node.title || 'Picture'));
      all('.jupyter-widget-Collapse-header', node => {
        set(node, 'tabindex', '0');
        set(node, 'role', 'button');
        set(node, 'aria-expanded',
          String(node.parentElement.classList.contains('jupyter-widget-Collapse-open')));
      });
    };
    root.addEventListener('keydown', event => {
      if (event.target.matches('.jupyter-widget-Collapse-header')
          && (event.key === 'Enter' || event.key === ' ')) {
        event.preventDefault();
        event.target.click();
      }
    });
    let due = 0;
    new MutationObserver(() => {
      if (!due) due = setTimeout(() => { due = 0; name(); }, 150);
    }).observe(root, {subtree: true, childList: true, attributes: true,
      attributeFilter: ['class', 'title', 'placeholder']});
    name();
  };
  begin(100);
})(this)
"""
"""Marks the outermost widget, and each control that gets the focus, since shortcuts of the notebook
look at that one first: no key that is typed here is a shortcut there. Gives controls, charts and
folds the names and states that screen readers need, again whenever something is drawn."""


def page_script() -> str:
    """Give the element that runs the script where it is shown.

    Returns
    -------
    str
        HTML of no size. An image that cannot be loaded, since front ends run no script element of
        a widget; it asks no server. Where a policy forbids it, the page works without.
    """
    code = escape(" ".join(line.strip() for line in SCRIPT.splitlines()), quote=True)
    return f'<img src="data:," alt="" style="display: none" onerror="{code}">'
