import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node in a JVM of its own, with plain HTTP and no security.
 *
 * <p>The arguments are the node's home folder and one {@code setting=value} for each setting; nodes.py builds them. The
 * node exits at the end of its standard input. So it never outlives the program that started it, even after a crash.
 */
public final class ClusterNode extends Node {
  private static final List<Class<? extends Plugin>> MODULES =
      List.of(Netty4Plugin.class, CommonAnalysisPlugin.class);

  private ClusterNode(Environment environment, Collection<Class<? extends Plugin>> modules) {
    super(environment, modules, true);
  }

  public static void main(String[] arguments) {
    new Thread(ClusterNode::exitAtEndOfInput, "end of input").start();
    try {
      Path home = Path.of(arguments[0]);
      Settings settings = settings(home, List.of(arguments).subList(1, arguments.length));
      Environment environment =
          InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home, () -> "node");
      ClusterNode node = new ClusterNode(environment, MODULES);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(node), "close"));
      node.start();
    } catch (Exception error) {
      error.printStackTrace();
      System.exit(1);
    }
  }

  private static Settings settings(Path home, List<String> arguments) {
    Settings.Builder settings = Settings.builder().put("path.home", home);
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    return settings.build();
  }

  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() != -1) {
        // ignore any input
      }
    } catch (IOException error) {
      error.printStackTrace();
    }
    System.exit(0);
  }

  private static void closeQuietly(Node node) {
    try {
      node.close();
    } catch (IOException error) {
      error.printStackTrace();
    }
  }
}
