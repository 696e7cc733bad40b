"""Checks of what comes in, and what is said about it."""

from ea_widgets.data.checks.agreement.box_forms import BoxForm as BoxForm
from ea_widgets.data.checks.agreement.box_forms import forms_given as forms_given
from ea_widgets.data.checks.agreement.box_forms import parse_form as parse_form
from ea_widgets.data.checks.agreement.evidence import Evidence as Evidence
from ea_widgets.data.checks.agreement.suspicions import Suspicions as Suspicions
from ea_widgets.data.checks.federated import most_confident as most_confident
from ea_widgets.data.checks.image_table import ImageTable as ImageTable
from ea_widgets.data.checks.image_table import read_images as read_images
from ea_widgets.data.checks.joining.classes import Category as Category
from ea_widgets.data.checks.joining.classes import name_classes as name_classes
from ea_widgets.data.checks.joining.classes import read_categories as read_categories
from ea_widgets.data.checks.joining.classes import table_of_names as table_of_names
from ea_widgets.data.checks.joining.join_classes import ClassKeys as ClassKeys
from ea_widgets.data.checks.joining.join_images import KnownImages as KnownImages
from ea_widgets.data.checks.object_table import ObjectTable as ObjectTable
from ea_widgets.data.checks.object_table import read_objects as read_objects
from ea_widgets.data.checks.problems import Problems as Problems
from ea_widgets.data.checks.raw_frames import RawFrames as RawFrames
from ea_widgets.data.checks.values import Codes as Codes
from ea_widgets.data.checks.values import id_codes as id_codes
from ea_widgets.data.checks.values import name_codes as name_codes
