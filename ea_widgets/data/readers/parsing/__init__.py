"""What readers share: text, XML, attributes, and files of folders."""
