/** The argument parser. The build puts its code in the place of this file, so that installing the package brings no dependency. */
export { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
