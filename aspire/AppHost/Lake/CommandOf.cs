using System.CommandLine;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Makes commands that talk to a mesh.</summary>
internal static class CommandOf
{
    /// <summary>A command of these arguments and options; its faults go to standard error and become exit codes.</summary>
    public static Command Work(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task> run)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
                command.Options.Add(option);
            else
                command.Arguments.Add((Argument)symbol);
        }

        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(() => run(result, cancellationToken), cancellationToken));
        return command;
    }
}
