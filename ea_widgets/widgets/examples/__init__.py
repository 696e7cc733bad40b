"""Pictures of single objects."""

from ea_widgets.widgets.examples.captions import LEGEND as LEGEND
from ea_widgets.widgets.examples.captions import outline as outline
from ea_widgets.widgets.examples.captions import table_html as table_html
from ea_widgets.widgets.examples.example_rows import Finder as Finder
from ea_widgets.widgets.examples.examples_panel import ANY as ANY
from ea_widgets.widgets.examples.examples_panel import Examples as Examples
from ea_widgets.widgets.examples.gallery import Gallery as Gallery
from ea_widgets.widgets.examples.gallery import Page as Page
from ea_widgets.widgets.examples.gallery import Pictures as Pictures
from ea_widgets.widgets.examples.gallery import Tile as Tile
from ea_widgets.widgets.examples.gallery import develop as develop
from ea_widgets.widgets.examples.object_gallery import OBJECTS as OBJECTS
from ea_widgets.widgets.examples.object_gallery import ObjectGallery as ObjectGallery
from ea_widgets.widgets.examples.range_pictures import pictures_of as pictures_of
