/** The default theme, in this project's colours. */
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import "./style.css";

const theme: Theme = DefaultTheme;
export default theme;
