# index.html with the names that AI Studio gives to the files of an app: FROM, TO.
file(READ ${FROM} page)
string(REPLACE "applet.css" "index.css" page "${page}")
string(REPLACE "applet.js" "index.tsx" page "${page}")
file(WRITE ${TO} "${page}")
