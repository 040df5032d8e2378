# make help lists everything. Only Python 3.11 or newer and make are needed.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
NEEDED := ✗ 影期需要 Python 3.11 或更高版本：make PYTHON=/path/to/python3.11 run · Yingqi needs Python 3.11 or newer
NO_VENV := ✗ 无法创建 .venv，请安装 python3-venv。 · .venv cannot be made: install python3-venv.
NO_INDEX := ✗ 安装失败：请检查网络，或用 PIP_INDEX_URL 指定镜像 · Installing failed: check the network, or name a mirror in PIP_INDEX_URL

SYSTEM_TESTS := tests/integration/chassis tests/integration/gateway tests/integration/*/test_service.py \
	tests/integration/booking/test_journey.py tests/e2e

.DEFAULT_GOAL := help
.PHONY: help run test test-rabbitmq check bench web web-check docs clean-state ci

help: ## 显示这份列表 · show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.installed ## 启动整个系统（PORT=8000） · start everything, with a demo studio
	@exec $(PY) -m deploy.local

test: .venv/.installed-dev ## 运行全部测试 · run all tests
	$(PY) -m pytest

test-rabbitmq: .venv/.installed-dev ## 在 RabbitMQ 上运行系统测试 · run the system tests on a real RabbitMQ
	YINGQI_TEST_BROKER=rabbitmq $(PY) -m pytest $(SYSTEM_TESTS)

check: .venv/.installed-dev ## 检查格式、类型与分层 · check style, types and layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m gateway.web.build --check
	$(PY) -m docs.generate --check

bench: .venv/.installed-dev ## 运行性能测试 · measure speed
	$(PY) -m tests.benchmarks
	$(PY) -m tests.benchmarks.engine
	$(PY) -m tests.benchmarks.forms
	$(PY) -m tests.benchmarks.simulate_season

web: .venv/.installed-dev ## 重新构建网页（需要 Node） · build the web pages anew, with Node
	$(PY) -m gateway.web.build

web-check: .venv/.installed-dev ## 网页与提交的一致吗 · do the sources still build what is committed?
	$(PY) -m gateway.web.build --force
	git diff --exit-code --stat gateway/web/dist
	YINGQI_REQUIRE_NODE=1 $(PY) -m pytest tests/unit/booking/test_form_twins.py

docs: .venv/.installed-dev ## 由契约生成文档 · write the generated documents anew
	$(PY) -m docs.generate

clean-state: ## 删除本机数据（会先询问） · delete the local data, after asking
	@$(PYTHON) -m deploy.local.clean

ci: ## 持续集成所做的一切 · everything that CI does
	bash .ci/run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo '$(NEEDED)'; exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo '$(NO_VENV)'; exit 2; }

.venv/.installed: pyproject.toml | .venv/bin/python
	@echo '安装依赖到 .venv，第一次约需一分钟 · installing into .venv, about a minute the first time'
	@$(PIP) --editable '.[local]' || { echo '$(NO_INDEX)'; exit 2; }
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	@echo '安装开发工具到 .venv · installing the tools of development into .venv'
	@$(PIP) --editable '.[local,test]' || { echo '$(NO_INDEX)'; exit 2; }
	@touch $@ .venv/.installed
