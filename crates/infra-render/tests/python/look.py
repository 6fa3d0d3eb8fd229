"""Opens a file as others do, and says what is in it, as JSON."""

import json
import sys


def sheet(path):
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    cell = lambda value: value if isinstance(value, (int, float)) or value is None else str(value)
    return {
        sheet.title: [[cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in book
    }


def document(path):
    import pypdfium2

    pages = []
    for page in pypdfium2.PdfDocument(path):
        image = page.render(scale=1).to_pil().convert("RGB")
        colours = image.getcolors(image.width * image.height)
        pages.append(
            {
                "size": [image.width, image.height],
                "text": page.get_textpage().get_text_range(),
                "bar": sum(n for n, (r, g, b) in colours if b > r + 80 and b > 150),
                "limit": sum(n for n, (r, g, b) in colours if r > b + 100 and r > 180),
            }
        )
    return pages


print(json.dumps({"xlsx": sheet, "pdf": document}[sys.argv[1]](sys.argv[2])))
