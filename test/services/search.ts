import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { javaServer, smallJava } from './maven.ts'
import { cacheFolder, endProcess, freePorts, type Server, startProcess, waitUntil } from './support.ts'

/** Starts an OpenSearch of one node on a free port of 127.0.0.1. */
export const startOpenSearch = (): Promise<Server> => startNode(openSearch)

/** Starts an Elasticsearch of one node on a free port of 127.0.0.1. */
export const startElasticsearch = (): Promise<Server> => startNode(elasticsearch)

interface Product {
  readonly name: string
  /** Of its Java packages. */
  readonly root: string
  readonly home: string
  readonly artifacts: readonly string[]
}

const openSearch: Product = {
  name: 'opensearch',
  root: 'org.opensearch',
  home: 'opensearch.path.home',
  artifacts: [
    'org.opensearch:opensearch:2.19.4',
    'org.opensearch.plugin:transport-netty4-client:2.19.4',
    'org.opensearch.plugin:lang-painless:2.19.4',
    'org.apache.logging.log4j:log4j-core:2.21.0',
  ],
}

const elasticsearch: Product = {
  name: 'elasticsearch',
  root: 'org.elasticsearch',
  home: 'es.path.home',
  artifacts: [
    'org.elasticsearch:elasticsearch:7.17.28',
    'org.elasticsearch.plugin:transport-netty4-client:7.17.28',
    'org.apache.logging.log4j:log4j-core:2.17.1',
  ],
}

async function startNode(product: Product): Promise<Server> {
  const { classPath } = await javaServer(product.name, product.artifacts, { SearchNode: launcher(product) })
  const home = await mkdtemp(join(cacheFolder(product.name), 'node-'))
  await mkdir(join(home, 'config'))
  await writeFile(join(home, 'config/log4j2.properties'), logging)
  const [port] = await freePorts(1)
  const memory = ['-Xms320m', '-Xmx320m']
  const command = ['java', ...memory, ...smallJava, '-cp', classPath, 'SearchNode', home, String(port)]
  const child = startProcess(command, join(home, 'log'))
  const end = async (signal: NodeJS.Signals) => {
    await endProcess(child, signal)
    await rm(home, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await waitUntil(async () => {
      if (child.exitCode !== null) throw new Error(`${product.name} ended with code ${child.exitCode}`)
      const answer = await fetch(`${url}/_cluster/health`)
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`${product.name} is not ready: ${answer.status}`)
    }, 120_000)
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`

/** Both products are the same Java in this; only their packages differ. */
const launcher = ({ root, home }: Product): string => `import java.nio.file.*;
import java.util.*;
import java.util.concurrent.CountDownLatch;
import ${root}.common.logging.LogConfigurator;
import ${root}.common.settings.Settings;
import ${root}.env.Environment;
import ${root}.node.Node;
import ${root}.plugins.Plugin;

public class SearchNode {
  static final class OneNode extends Node {
    OneNode(Environment environment, Collection<Class<? extends Plugin>> plugins) { super(environment, plugins, false); }
  }
  @SuppressWarnings("unchecked")
  public static void main(String[] args) throws Exception {
    Path home = Paths.get(args[0]).toAbsolutePath();
    System.setProperty("${home}", home.toString());
    Settings settings = Settings.builder()
      .put("path.home", home.toString())
      .put("path.data", home.resolve("data").toString())
      .put("path.logs", home.resolve("logs").toString())
      .put("node.name", "one").put("cluster.name", "test")
      .put("http.type", "netty4").put("transport.type", "netty4")
      .put("network.host", "127.0.0.1").put("http.port", args[1]).put("transport.port", "0")
      .put("discovery.type", "single-node")
      .put("cluster.routing.allocation.disk.threshold_enabled", false)
      .build();
    Environment environment = new Environment(settings, home.resolve("config"));
    LogConfigurator.setNodeName("one");
    LogConfigurator.configure(environment);
    List<Class<? extends Plugin>> plugins = new ArrayList<>();
    for (String name : new String[]{"${root}.transport.Netty4Plugin", "${root}.painless.PainlessPlugin"}) {
      try { plugins.add((Class<? extends Plugin>) Class.forName(name)); } catch (ClassNotFoundException none) {}
    }
    Node node = new OneNode(environment, plugins);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try { node.close(); } catch (Exception ignored) {}
      ended.countDown();
    }));
    node.start();
    ended.await();
  }
}
`
